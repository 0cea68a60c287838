using System.Collections.Immutable;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>An InRelease whose signature was found good.</summary>
internal sealed record SignedRelease
{
    public required Digest InRelease { get; init; }

    public required ReleaseFile Release { get; init; }

    /// <summary>Fingerprints of the pinned certificates with a good signature, sorted.</summary>
    public required ImmutableArray<string> SignedBy { get; init; }
}
