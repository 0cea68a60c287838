namespace Images.Baker.Kubeconfigs;

/// <summary>What the user asks a kubeconfig for.</summary>
internal sealed record KubeconfigOrder
{
    /// <summary>Kubernetes' built-in group that may do everything, whatever RBAC says.</summary>
    public const string Administrators = "system:masters";

    public required string Cluster { get; init; }

    /// <summary>The cluster's folder, as <c>baker seed --out</c> made it.</summary>
    public required string SeedFolder { get; init; }

    /// <summary>Address of the API, as the user wrote it.</summary>
    public required string Server { get; init; }

    public required string OutputFile { get; init; }

    /// <summary>A number and a unit: 90m, 8h, 30d.</summary>
    public string Validity { get; init; } = "8h";

    /// <summary>Common name of the certificate: who stands in the audit log.</summary>
    public string User { get; init; } = "admin";

    public IReadOnlyList<string> Groups { get; init; } = [Administrators];

    /// <summary>Whether an existing file is replaced.</summary>
    public bool Force { get; init; }
}
