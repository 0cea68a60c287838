using Images.Formats;

namespace Images.Baker.Manifest;

/// <summary>Which Kubernetes an image holds.</summary>
public sealed record KubernetesFacts
{
    /// <summary>As 1.36.0.</summary>
    public required string Version { get; init; }

    /// <summary>upstream, debian or folder.</summary>
    public required string Source { get; init; }

    /// <summary>ISO 8601: the day after which upstream mends this release no more.</summary>
    public required string EndOfLife { get; init; }

    /// <summary>What the programs come from: names and digests.</summary>
    public required IReadOnlyDictionary<string, Digest> Inputs { get; init; }

    /// <summary>
    /// What was changed in the sources before they were built, a sentence each; empty where nothing was.
    /// </summary>
    public required IReadOnlyList<string> Changes { get; init; }

    /// <summary>Short names of its licences, sorted; empty where the source does not say.</summary>
    public required IReadOnlyList<string> Licences { get; init; }

    /// <summary>Go modules in its programs, sorted, and what made them.</summary>
    public IReadOnlyList<SoftwarePart> Parts { get; init; } = [];
}
