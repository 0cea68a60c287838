using System.Collections.Immutable;
using System.Globalization;
using Images.Baker.Debian.Packages;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>A source package as an archive's Sources index describes it.</summary>
internal sealed record ArchiveSourcePackage
{
    public required string Name { get; init; }

    public required DebVersion Version { get; init; }

    /// <summary>As "3.0 (quilt)".</summary>
    public required string Format { get; init; }

    public required string Archive { get; init; }

    public required string Suite { get; init; }

    /// <summary>Whether its suite is one of those that are asked only where no other has what is needed.</summary>
    public required bool NotAutomatic { get; init; }

    /// <summary>Sorted by path, which lies below the archive's root.</summary>
    public required ImmutableArray<LockedSourceFile> Files { get; init; }

    /// <param name="paragraph">One paragraph of a Sources file.</param>
    /// <param name="suite">The suite whose index this is.</param>
    /// <param name="release">Its release.</param>
    /// <exception cref="MalformedDataException">A field is missing or broken.</exception>
    public static ArchiveSourcePackage Read(ControlParagraph paragraph, SuitePlan suite, ReleaseFile release)
    {
        string name = paragraph.Require("Package");
        string place = $"{suite.Suite}: source package {name}";
        string folder = paragraph.Require("Directory");
        return new ArchiveSourcePackage
        {
            Name = name,
            Version = DebianVersionField.Parse(paragraph.Require("Version"), place),
            Format = paragraph.Require("Format"),
            Archive = suite.Archive,
            Suite = suite.Suite,
            NotAutomatic = release.NotAutomatic,
            Files = [.. paragraph.LinesOf("Checksums-Sha256").Select(line => ReadFile(line, folder, place)).OrderBy(
                file => file.Path, StringComparer.Ordinal)],
        };
    }

    private static LockedSourceFile ReadFile(string line, string folder, string place)
    {
        string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string path = $"{folder}/{parts[^1]}";
        return parts.Length == 3
            && parts[0].Length == 64
            && Digest.TryParse(parts[0]) is { } digest
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            && size > 0
            && path.StartsWith("pool/", StringComparison.Ordinal)
            && path.Split('/').All(part => part is not ("" or "." or ".."))
            ? new LockedSourceFile { Path = path, Size = size, Digest = digest }
            : throw new MalformedDataException(place, -1, $"'{line}' is not a digest, a size and a file of the pool");
    }
}
