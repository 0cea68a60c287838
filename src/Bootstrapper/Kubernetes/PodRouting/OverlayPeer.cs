namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>
/// Where another end of the overlay is: its address in it, its Ethernet address, and the machine's own address.
/// </summary>
internal sealed record OverlayPeer(string Address, string Ethernet, string Machine);
