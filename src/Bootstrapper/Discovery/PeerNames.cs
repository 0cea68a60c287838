namespace Images.Bootstrapper.Discovery;

/// <summary>The DNS names of a cluster's roles: absolute, so that no search domain is ever tried.</summary>
internal static class PeerNames
{
    /// <summary>
    /// <c>etcd.demo.k8s.</c> for the DNS label of a role, a cluster and a domain (with or without its dots).
    /// </summary>
    public static string For(string label, string cluster, string domain) => $"{label}.{cluster}.{domain.Trim('.')}.";
}
