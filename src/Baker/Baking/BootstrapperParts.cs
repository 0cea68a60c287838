using Images.Baker.Locking;
using Images.Baker.Manifest;

namespace Images.Baker.Baking;

/// <summary>What the bootstrapper consists of and what made it, as far as the bake is told.</summary>
internal static class BootstrapperParts
{
    private const string RuntimePack = "Microsoft.NETCore.App.Runtime.";

    /// <param name="nuGetLock">packages.lock.json of its project; null where nobody names it.</param>
    /// <param name="tools">Name and version of what built it: SDK, packs of .NET, packages of the linker.</param>
    /// <param name="imageLock">Pins the packages of the linker.</param>
    /// <returns>Sorted.</returns>
    /// <exception cref="BakeException">The file cannot be read.</exception>
    public static IReadOnlyList<SoftwarePart> Of(
        string? nuGetLock, IReadOnlyDictionary<string, string> tools, ImageLock imageLock) =>
    [
        .. (nuGetLock is null ? [] : NuGetLock.Read(nuGetLock))
            .Concat(tools.Select(tool => PartOf(tool.Key, tool.Value, imageLock)))
            .DistinctBy(part => part.PackageUrl)
            .OrderBy(part => part.PackageUrl, StringComparer.Ordinal),
    ];

    private static SoftwarePart PartOf(string name, string version, ImageLock imageLock)
    {
        if (imageLock.Toolchain.FirstOrDefault(package => package.Name == name) is { } pinned)
        {
            // where the pinned one is gone, the linker is of a later one, whose digest the lock does not know
            SoftwarePart part = PackageUrls.ToolOf(pinned with { Version = version });
            return version == pinned.Version ? part : part with { Digest = null };
        }

        SoftwarePart ofNuGet = NuGetLock.PartOf(name, version);
        return ofNuGet with { IsTool = !name.StartsWith(RuntimePack, StringComparison.Ordinal) };
    }
}
