namespace Images.Baker.Kubernetes;

/// <summary>What a source gives to the image.</summary>
internal sealed record KubernetesFiles
{
    /// <summary>The folder that holds the programs.</summary>
    public required string Folder { get; init; }

    /// <summary>The terms under which they may be passed on; null where the source does not say.</summary>
    public required byte[]? Copyright { get; init; }

    /// <summary>Modules that the sources vendor; empty where the programs themselves name theirs.</summary>
    public IReadOnlyList<GoModule> Vendored { get; init; } = [];
}
