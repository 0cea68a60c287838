using Images.Baker.Locking;
using Images.Formats;

namespace Images.Baker.Restoring;

/// <summary>What a lock says of a file of an archive's pool, and what an index must say of it too.</summary>
/// <param name="Name">Of the package.</param>
/// <param name="Version">Of the package.</param>
/// <param name="Architecture">"source" for the files of a source package.</param>
/// <param name="Path">Below the archive's root.</param>
internal sealed record PinnedFile(
    string Name, string Version, string Architecture, string Path, long Size, Digest Digest)
{
    public static PinnedFile Of(LockedPackage package) => new(
        package.Name, package.Version, package.Architecture, package.Path, package.Size, package.Digest);

    public static IEnumerable<PinnedFile> Of(LockedSourcePackage source) =>
        Of(source.Name, source.Version, source.Files);

    public static IEnumerable<PinnedFile> Of(string name, string version, IEnumerable<LockedSourceFile> files) =>
        files.Select(file => new PinnedFile(name, version, "source", file.Path, file.Size, file.Digest));
}
