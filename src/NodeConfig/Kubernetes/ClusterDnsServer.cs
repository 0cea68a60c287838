namespace Images.NodeConfig.Kubernetes;

/// <summary>Who answers pods' questions for names.</summary>
public enum ClusterDnsServer
{
    /// <summary>Each worker itself, its own pods.</summary>
    Node,

    /// <summary>Nobody of ours: a DNS add-on that the user brings has the address.</summary>
    None,
}
