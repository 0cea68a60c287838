using System.Globalization;
using Images.Baker.Fetching;

namespace Images.Baker.Debian.Archive;

/// <summary>snapshot.debian.org keeps what mirrors have dropped, by the time of its visits.</summary>
/// <param name="root">Address above <c>debian/</c> and <c>debian-security/</c>.</param>
internal sealed class SnapshotArchive(Uri root)
{
    /// <summary>
    /// A release is on the mirrors some hours after its Date; a replaced file stays in the pool for a day and more.
    /// </summary>
    private static readonly TimeSpan _delay = TimeSpan.FromHours(12);

    public static SnapshotArchive Default { get; } = new(new Uri("https://snapshot.debian.org/archive/"));

    /// <summary>
    /// The archive as it was when the release had just been published. The server takes the nearest visit before that.
    /// </summary>
    public Mirror At(string archive, DateTimeOffset releaseDate)
    {
        DateTime visit = (releaseDate + _delay).UtcDateTime;
        return new Mirror(
            new Uri(root, $"{archive}/{visit.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}/"));
    }
}
