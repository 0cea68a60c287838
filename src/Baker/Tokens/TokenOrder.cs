using Images.NodeConfig.Kubernetes;

namespace Images.Baker.Tokens;

/// <summary>What the user asks a bootstrap token for.</summary>
internal sealed record TokenOrder
{
    /// <summary>How the cluster's API is reached.</summary>
    public required string Kubeconfig { get; init; }

    /// <summary>The role of the machines that will show it: worker or lb.</summary>
    public string Role { get; init; } = BootstrapToken.DefaultGroup;

    /// <summary>When it ends: 90m, 24h, 7d, or <see cref="TokenCreation.Never"/>.</summary>
    public string TimeToLive { get; init; } = "24h";

    /// <summary>The folder of <c>baker seed --out</c>, whose next seeds carry the token; null for none.</summary>
    public string? Secrets { get; init; }

    /// <summary>Whose secrets these must be.</summary>
    public string? Cluster { get; init; }
}
