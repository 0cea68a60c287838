using System.Collections.Immutable;

namespace Images.Baker.Plan;

internal sealed record InitramfsPlan
{
    /// <summary>Kernel modules by name, in the order /init may load them; their dependencies come by themselves.</summary>
    public required ImmutableArray<string> Modules { get; init; }

    /// <summary>Packages whose programs the initramfs holds; resolved with their dependencies.</summary>
    public required ImmutableArray<string> Packages { get; init; }
}
