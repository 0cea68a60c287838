using System.Collections.Immutable;
using Images.Formats;

namespace Images.Baker.Locking;

/// <summary>Says what moved between two locks.</summary>
internal static class LockDifference
{
    /// <summary>
    /// One line a package, part of the linker or of the build of Kubernetes or container image that came, went or
    /// changed, each sorted by name.
    /// </summary>
    public static IEnumerable<string> Describe(ImageLock before, ImageLock after) =>
    [
        // what the image and the linker both hold is said once
        .. Packages(before.Packages, after.Packages)
            .Union(Packages(before.Toolchain, after.Toolchain), StringComparer.Ordinal),
        .. Packages(before.Kubernetes?.Debian?.Packages ?? [], after.Kubernetes?.Debian?.Packages ?? []),
        .. Sources(before.Kubernetes?.Debian?.Source, after.Kubernetes?.Debian?.Source),
        .. Containers(before, after),
    ];

    private static IEnumerable<string> Sources(LockedSourcePackage? before, LockedSourcePackage? after) =>
        before?.Version == after?.Version
            ? []
            : [$"  {(after ?? before)!.Name} (source): {before?.Version ?? "(new)"} -> {after?.Version ?? "(gone)"}"];

    private static IEnumerable<string> Packages(
        ImmutableArray<LockedPackage> before, ImmutableArray<LockedPackage> after)
    {
        Dictionary<string, LockedPackage> old = before.ToDictionary(package => package.Name, StringComparer.Ordinal);
        Dictionary<string, LockedPackage> now = after.ToDictionary(package => package.Name, StringComparer.Ordinal);
        foreach (string name in old.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            LockedPackage? was = old.GetValueOrDefault(name), becomes = now.GetValueOrDefault(name);
            if (was?.Digest != becomes?.Digest)
            {
                yield return $"  {name}: {was?.Version ?? "(new)"} -> {becomes?.Version ?? "(gone)"}";
            }
        }
    }

    private static IEnumerable<string> Containers(ImageLock before, ImageLock after)
    {
        Dictionary<string, Digest> old = before.Containers.ToDictionary(
            container => container.Name, container => container.Digest, StringComparer.Ordinal);
        Dictionary<string, Digest> now = after.Containers.ToDictionary(
            container => container.Name, container => container.Digest, StringComparer.Ordinal);
        foreach (string name in old.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            Digest? was = old.GetValueOrDefault(name), becomes = now.GetValueOrDefault(name);
            if (was != becomes)
            {
                yield return $"  {name}: {was?.ToString() ?? "(new)"} -> {becomes?.ToString() ?? "(gone)"}";
            }
        }
    }
}
