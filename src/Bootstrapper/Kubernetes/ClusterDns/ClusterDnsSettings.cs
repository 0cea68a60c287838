using System.Net;

namespace Images.Bootstrapper.Kubernetes.ClusterDns;

/// <summary>Which names are the cluster's.</summary>
/// <param name="Domain">The cluster's domain.</param>
/// <param name="Networks">Those whose addresses have reverse names: of Services and of pods.</param>
internal sealed record ClusterDnsSettings(string Domain, IReadOnlyList<IPNetwork> Networks);
