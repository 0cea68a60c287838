namespace Images.Baker.Manifest;

/// <summary>A manifest that masters apply.</summary>
public sealed record AddOnFacts
{
    /// <summary>Path in the image; its digest stands with the other files'.</summary>
    public required string File { get; init; }

    /// <summary>As <c>apps/v1 Deployment kube-system/coredns</c>, in the order of the file.</summary>
    public required IReadOnlyList<string> Objects { get; init; }
}
