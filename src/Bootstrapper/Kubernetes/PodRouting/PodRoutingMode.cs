namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>How packets between pods of two machines travel.</summary>
internal enum PodRoutingMode
{
    /// <summary>By a route through the other machine's own address: they share a link.</summary>
    Routed,

    /// <summary>Wrapped in UDP (VXLAN, RFC 7348) between the machines' addresses.</summary>
    Overlay,
}
