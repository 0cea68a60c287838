namespace Images.NodeConfig.Kubernetes;

/// <summary>Where the cluster's machines and people find the API.</summary>
public enum ApiEndpoint
{
    /// <summary>At the masters that DNS names.</summary>
    Dns,

    /// <summary>At the virtual address that one of the masters holds.</summary>
    Vip,

    /// <summary>At the virtual address that one of the lbs holds.</summary>
    Lb,
}
