using System.Collections.Immutable;
using System.Globalization;
using Images.Baker.Debian.Packages;
using Images.Baker.Locking;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>The text that an InRelease signs: which suite, when, and the digests of its indexes.</summary>
internal sealed record ReleaseFile
{
    public required string Suite { get; init; }

    public required string Codename { get; init; }

    public required DateTimeOffset Date { get; init; }

    /// <summary>Null where the suite never expires, as trixie itself.</summary>
    public required DateTimeOffset? ValidUntil { get; init; }

    /// <summary>
    /// Whether indexes can also be had by their digest, which a mirror's next update does not pull away.
    /// </summary>
    public required bool AcquireByHash { get; init; }

    /// <summary>
    /// Whether its packages are taken only where no other suite has what is needed, as those of backports and
    /// experimental are (apt_preferences(5): priority 1, or 100 with ButAutomaticUpgrades; other suites have 500).
    /// </summary>
    public required bool NotAutomatic { get; init; }

    public required ImmutableDictionary<string, LockedIndex> Indexes { get; init; }

    /// <param name="verified">Exactly the text that was signed.</param>
    /// <exception cref="MalformedDataException">A field is missing or broken.</exception>
    public static ReleaseFile Parse(byte[] verified, string name)
    {
        using MemoryStream text = new(verified);
        ImmutableArray<ControlParagraph> paragraphs = [.. ControlFile.Parse(text, name)];
        if (paragraphs.Length != 1)
        {
            throw new MalformedDataException(
                name, -1, $"a Release file has one paragraph, this has {paragraphs.Length}");
        }

        ControlParagraph fields = paragraphs[0];
        return new ReleaseFile
        {
            Suite = fields["Suite"] ?? "",
            Codename = fields["Codename"] ?? "",
            Date = ParseDate(fields.Require("Date"), name),
            ValidUntil = fields["Valid-Until"] is { } validUntil ? ParseDate(validUntil, name) : null,
            AcquireByHash = fields["Acquire-By-Hash"] is "yes",
            NotAutomatic = fields["NotAutomatic"] is "yes",
            Indexes = ParseIndexes(fields.LinesOf("SHA256"), name),
        };
    }

    private static ImmutableDictionary<string, LockedIndex> ParseIndexes(IEnumerable<string> lines, string name)
    {
        ImmutableDictionary<string, LockedIndex>.Builder indexes =
            ImmutableDictionary.CreateBuilder<string, LockedIndex>(StringComparer.Ordinal);
        foreach (LockedIndex index in lines.Select(line => ParseIndex(line, name)))
        {
            if (!indexes.TryAdd(index.Path, index) && indexes[index.Path] != index)
            {
                throw new MalformedDataException(name, -1, $"'{index.Path}' stands there twice, with other digests");
            }
        }

        return indexes.ToImmutable();
    }

    private static LockedIndex ParseIndex(string line, string name)
    {
        string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 3
            && parts[0].Length == 64 && Digest.TryParse(parts[0]) is { } digest
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            ? new LockedIndex { Path = parts[2], Size = size, Digest = digest }
            : throw new MalformedDataException(name, -1, $"'{line}' is not a digest, a size and a path");
    }

    // RFC 5322 dates, always in UTC
    private static DateTimeOffset ParseDate(string text, string name) =>
        DateTimeOffset.TryParseExact(
            text, ["ddd, d MMM yyyy HH:mm:ss 'UTC'", "ddd, d MMM yyyy HH:mm:ss '+0000'"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out DateTimeOffset date)
            ? date
            : throw new MalformedDataException(name, -1, $"'{text}' is not a date in UTC");
}
