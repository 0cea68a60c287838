namespace Images.Baker.Sources;

/// <summary>Says what moved between two locks.</summary>
internal static class LockDifference
{
    /// <summary>One line a package or container image that came, went or changed, sorted by name.</summary>
    public static IEnumerable<string> Describe(ImageLock before, ImageLock after) => [.. Packages(before, after), .. Containers(before, after)];

    private static IEnumerable<string> Packages(ImageLock before, ImageLock after)
    {
        Dictionary<string, LockedPackage> old = before.Packages.ToDictionary(package => package.Name, StringComparer.Ordinal);
        Dictionary<string, LockedPackage> now = after.Packages.ToDictionary(package => package.Name, StringComparer.Ordinal);
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
        Dictionary<string, Digest> old = before.Containers.ToDictionary(container => container.Name, container => container.Digest, StringComparer.Ordinal);
        Dictionary<string, Digest> now = after.Containers.ToDictionary(container => container.Name, container => container.Digest, StringComparer.Ordinal);
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
