using System.Net;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>A machine of the cluster.</summary>
/// <param name="Address">Its own (IPv4).</param>
/// <param name="PodNetwork">
/// Its share of the pods' network; null for a master without pods, and as long as it has none.
/// </param>
internal sealed record PodMachine(IPAddress Address, IPNetwork? PodNetwork = null);
