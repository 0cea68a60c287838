using Images.Baker.Composing.Fixups;
using Images.Baker.Manifest;
using Images.Baker.Merging;
using Images.Formats.Tree;
using Images.NodeConfig.Roles;

namespace Images.Baker.Composing;

/// <summary>Everything that goes into the root file system.</summary>
public sealed record ImageContent
{
    public required ImageFacts Image { get; init; }

    public required IReadOnlyList<PackageLayer> Packages { get; init; }

    public required RoleSources Roles { get; init; }

    /// <summary>
    /// What the image holds beside packages, by the name that role files use: <c>kubernetes</c> and its version.
    /// </summary>
    public IReadOnlyDictionary<string, ComponentVersion> Components { get; init; } =
        new Dictionary<string, ComponentVersion>(StringComparer.Ordinal);

    /// <summary>The published bootstrapper, one file.</summary>
    public required FileContent Bootstrapper { get; init; }

    /// <summary>
    /// Further layers that are no packages, such as the kernel's module indexes. Their paths must be nobody else's.
    /// </summary>
    public IReadOnlyList<TreeLayer> Extra { get; init; } = [];

    /// <summary>
    /// Packages whose files run from elsewhere than the root: the initramfs' and the boot loader's. For the bill of
    /// materials.
    /// </summary>
    public IReadOnlyList<InstalledPackage> Beside { get; init; } = [];
}
