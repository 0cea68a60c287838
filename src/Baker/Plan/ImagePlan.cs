using System.Collections.Immutable;

namespace Images.Baker.Plan;

/// <summary>What image.yaml asks for. Read by <see cref="ImagePlanReader"/>; paths in it are full.</summary>
internal sealed record ImagePlan
{
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

    /// <summary>Packages of which the bootstrapper's linker consists, sorted; exactly these, for nothing of them is installed.</summary>
    public ImmutableArray<string> Toolchain { get; init; } = [];

    public required SizePlan Sizes { get; init; }

    /// <summary>Full path of the folder with the role files.</summary>
    public required string Roles { get; init; }

    /// <summary>Formats of the finished image; "raw" so far.</summary>
    public required ImmutableArray<string> Outputs { get; init; }
}
