using Images.Baker.Manifest;
using Images.Baker.Tree.Fixups;

namespace Images.Baker.Tree;

/// <summary>Everything that goes into the root file system.</summary>
public sealed record ImageContent
{
    public required ImageFacts Image { get; init; }

    public required IReadOnlyList<PackageLayer> Packages { get; init; }

    public required RoleSources Roles { get; init; }

    /// <summary>The published bootstrapper, one file.</summary>
    public required FileContent Bootstrapper { get; init; }

    /// <summary>Further layers that are no packages, such as the kernel's module indexes. Their paths must be nobody else's.</summary>
    public IReadOnlyList<TreeLayer> Extra { get; init; } = [];
}
