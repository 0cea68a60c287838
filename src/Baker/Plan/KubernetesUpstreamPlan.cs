using Images.Formats;
using Images.NodeConfig.Roles;

namespace Images.Baker.Plan;

internal sealed record KubernetesUpstreamPlan
{
    public required ComponentVersion Version { get; init; }

    /// <summary>SHA-512 of kubernetes-server-linux-amd64.tar.gz; null where <c>baker lock</c> is to ask the server.</summary>
    public required Digest? Sha512 { get; init; }
}
