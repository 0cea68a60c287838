using System.Collections.Immutable;
using System.Globalization;
using Images.Baker.Debian.Packages;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>A package as an archive's index describes it.</summary>
internal sealed record ArchivePackage
{
    public required string Name { get; init; }

    public required DebVersion Version { get; init; }

    public required string Architecture { get; init; }

    public required string Archive { get; init; }

    public required string Suite { get; init; }

    /// <summary>Below the archive's root.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required Digest Digest { get; init; }

    public required bool IsEssential { get; init; }

    /// <summary>Whether its suite is one of those that are asked only where no other has what is needed.</summary>
    public required bool NotAutomatic { get; init; }

    /// <summary>Pre-Depends and Depends, unparsed: of seventy thousand packages two hundred are ever asked.</summary>
    public required string DependsField { get; init; }

    public required string ProvidesField { get; init; }

    /// <summary>Conflicts and Breaks, unparsed.</summary>
    public required string ConflictsField { get; init; }

    /// <param name="paragraph">One paragraph of a Packages file.</param>
    /// <param name="architecture">The image's.</param>
    /// <param name="suite">The suite whose index this is.</param>
    /// <param name="release">Its release.</param>
    /// <returns>
    /// Null for a package of another architecture: some archives' indexes hold them, and apt passes them over.
    /// </returns>
    /// <exception cref="MalformedDataException">A field is missing or broken.</exception>
    public static ArchivePackage? Read(
        ControlParagraph paragraph, string architecture, SuitePlan suite, ReleaseFile release)
    {
        string name = paragraph.Require("Package");
        string place = $"{suite.Suite}: package {name}";
        string own = paragraph.Require("Architecture");
        if (own != architecture && own != "all")
        {
            return null;
        }

        string path = paragraph.Require("Filename");
        if (!path.StartsWith("pool/", StringComparison.Ordinal)
            || path.Split('/').Any(part => part is "" or "." or ".."))
        {
            throw new MalformedDataException(place, -1, $"its file name '{path}' does not lie in the pool");
        }

        return new ArchivePackage
        {
            Name = name,
            Version = DebianVersionField.Parse(paragraph.Require("Version"), place),
            Architecture = own,
            Archive = suite.Archive,
            Suite = suite.Suite,
            NotAutomatic = release.NotAutomatic,
            Path = path,
            Size = long.TryParse(
                paragraph.Require("Size"), NumberStyles.None, CultureInfo.InvariantCulture, out long size)
                && size > 0
                ? size
                : throw new MalformedDataException(place, -1, "its size is not a number"),
            Digest = paragraph.Require("SHA256") is { Length: 64 } hex && Digest.TryParse(hex) is { } digest
                ? digest
                : throw new MalformedDataException(place, -1, "its SHA256 is not one"),
            IsEssential = paragraph["Essential"] is "yes",
            DependsField = Join(paragraph["Pre-Depends"], paragraph["Depends"]),
            ProvidesField = paragraph["Provides"] ?? "",
            ConflictsField = Join(paragraph["Conflicts"], paragraph["Breaks"]),
        };
    }

    public ImmutableArray<ImmutableArray<PackageRelation>> Depends() => PackageRelation.ParseField(DependsField, Place);

    public IEnumerable<PackageRelation> Provides() =>
        PackageRelation.ParseField(ProvidesField, Place).SelectMany(group => group);

    public IEnumerable<PackageRelation> Conflicts() =>
        PackageRelation.ParseField(ConflictsField, Place).SelectMany(group => group);

    private string Place => $"{Suite}: package {Name}";

    private static string Join(string? first, string? second) =>
        string.Join(", ", new[] { first, second }.Where(field => !string.IsNullOrEmpty(field)));

    public LockedPackage ToLocked(ImmutableArray<PackageUse> uses) => new()
    {
        Name = Name,
        Version = Version.ToString(),
        Architecture = Architecture,
        Archive = Archive,
        Suite = Suite,
        Path = Path,
        Size = Size,
        Digest = Digest,
        Uses = uses,
    };
}
