namespace Images.NodeConfig.Kubernetes;

/// <summary>How packets of pods travel between nodes.</summary>
public enum PodNetwork
{
    /// <summary>A route on every node to every other node's pods: for machines that share a link.</summary>
    Routed,

    /// <summary>Packed into VXLAN: for machines with routers in between.</summary>
    Overlay,

    /// <summary>By a network add-on that the user brings.</summary>
    Cni,
}
