// One closed family, read together: what image.yaml says.
#pragma warning disable MA0048
using System.Collections.Immutable;

namespace Images.Baker.Plan;

/// <summary>What image.yaml asks for. Read by <see cref="ImagePlanReader"/>; paths in it are full.</summary>
internal sealed record ImagePlan
{
    public const string RawOutput = "raw";

    public const string UpgradeOutput = "upgrade";

    /// <summary>Lower-case letters, digits and hyphens; the first part of the image's file name.</summary>
    public required string Name { get; init; }

    public required string Version { get; init; }

    public required DebianPlan Debian { get; init; }

    /// <summary>Packages asked for, sorted; dependencies and Essential packages come by themselves.</summary>
    public required ImmutableArray<string> Packages { get; init; }

    /// <summary>Packages that are never taken and whose dependants are content without them, sorted.</summary>
    public required ImmutableArray<string> Drop { get; init; }

    /// <summary>Container images that nodes run without a registry, sorted by name.</summary>
    public required ImmutableArray<ContainerImagePlan> ContainerImages { get; init; }

    /// <summary>Manifests that masters apply, sorted by path.</summary>
    public required ImmutableArray<AddOnPlan> AddOns { get; init; }

    public required PrunePlan Prune { get; init; }

    public required InitramfsPlan Initramfs { get; init; }

    public required BootPlan Boot { get; init; }

    /// <summary>Null where the image is to hold no Kubernetes.</summary>
    public KubernetesPlan? Kubernetes { get; init; }

    /// <summary>
    /// Packages of which the bootstrapper's linker consists, sorted; exactly these, for nothing of them is installed.
    /// </summary>
    public ImmutableArray<string> Toolchain { get; init; } = [];

    public required SizePlan Sizes { get; init; }

    /// <summary>Full path of the folder with the role files.</summary>
    public required string Roles { get; init; }

    /// <summary>What a bake makes of the image: the raw disk always, and an upgrade for running nodes.</summary>
    public required ImmutableArray<string> Outputs { get; init; }

    public SigningPlan Signing { get; init; } = new();

    public TrustPlan Trust { get; init; } = new();
}

/// <summary>Full paths of private keys that a bake signs with; null where it does not.</summary>
internal sealed record SigningPlan
{
    /// <summary>As <c>baker keys --upgrade</c> makes it.</summary>
    public string? Upgrades { get; init; }
}

/// <summary>Whose upgrades nodes of the image take.</summary>
internal sealed record TrustPlan
{
    /// <summary>Full paths of lists of public keys; none where anybody's upgrade is taken.</summary>
    public ImmutableArray<string> UpgradeKeys { get; init; } = [];

    /// <summary>The oldest version that a node may go to, numbers with dots; null for any.</summary>
    public string? Minimum { get; init; }
}

internal sealed record DebianPlan
{
    /// <summary>Debian's name: amd64.</summary>
    public required string Architecture { get; init; }

    /// <summary>In the order of image.yaml. The newest version of a package wins, whatever the order.</summary>
    public required ImmutableArray<SuitePlan> Suites { get; init; }
}

internal sealed record SuitePlan
{
    /// <summary>Code name, as in dists/: trixie, trixie-updates, trixie-security.</summary>
    public required string Suite { get; init; }

    /// <summary>The archive's folder on every mirror: debian or debian-security.</summary>
    public required string Archive { get; init; }

    public required ImmutableArray<string> Components { get; init; }

    /// <summary>Who may sign this suite's InRelease; one good signature is enough.</summary>
    public required ImmutableArray<KeyPlan> Keys { get; init; }
}

internal sealed record KeyPlan
{
    /// <summary>Full path of an OpenPGP certificate, binary or armored.</summary>
    public required string File { get; init; }

    /// <summary>Fingerprint of the certificate's primary key: 40 upper-case hexadecimal digits.</summary>
    public required string Fingerprint { get; init; }
}

internal sealed record BootPlan
{
    /// <summary>
    /// The package that holds <see cref="Stub"/> and <see cref="Loader"/>; it is used at the bake only.
    /// </summary>
    public required string Package { get; init; }

    /// <summary>Path of the UKI stub inside the package.</summary>
    public required string Stub { get; init; }

    /// <summary>Path of the boot loader inside the package.</summary>
    public required string Loader { get; init; }

    public required string CommandLine { get; init; }
}

internal sealed record InitramfsPlan
{
    /// <summary>
    /// Kernel modules by name, in the order /init may load them; their dependencies come by themselves.
    /// </summary>
    public required ImmutableArray<string> Modules { get; init; }

    /// <summary>Packages whose programs the initramfs holds; resolved with their dependencies.</summary>
    public required ImmutableArray<string> Packages { get; init; }
}

/// <summary>
/// Which paths of the packages stay out of the tree. Globs are relative to the image's root: '*' and '?' stay inside
/// one component, '**' crosses components. A glob that matches a folder takes the folder's content with it.
/// </summary>
internal sealed record PrunePlan
{
    /// <summary>Pruned in every package.</summary>
    public required ImmutableArray<string> Paths { get; init; }

    /// <summary>Kept in every package, whatever else says prune.</summary>
    public required ImmutableArray<string> Keep { get; init; }

    /// <summary>Further rules by package name.</summary>
    public required ImmutableSortedDictionary<string, PackagePrunePlan> Packages { get; init; }
}

internal sealed record PackagePrunePlan
{
    /// <summary>Pruned in this package.</summary>
    public required ImmutableArray<string> Paths { get; init; }

    /// <summary>If any: everything of this package that none of these globs matches is pruned.</summary>
    public required ImmutableArray<string> Only { get; init; }
}

/// <summary>
/// Sizes of the partitions in bytes, whole mebibytes. There are two roots of this size; state grows on the node.
/// </summary>
internal sealed record SizePlan
{
    public required long Esp { get; init; }

    public required long Root { get; init; }

    public required long State { get; init; }
}

/// <summary>A manifest, or a folder of manifests, that masters apply to the cluster.</summary>
internal sealed record AddOnPlan
{
    /// <summary>As image.yaml has it; errors call it so.</summary>
    public required string WrittenPath { get; init; }

    /// <summary>Full path.</summary>
    public required string Path { get; init; }

    /// <summary>Whether nodes may pull container images that the image does not carry.</summary>
    public required bool MayPull { get; init; }

    /// <summary>Where it stands in image.yaml: file, line and column.</summary>
    public required string Place { get; init; }
}
