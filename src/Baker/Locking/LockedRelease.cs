using System.Collections.Immutable;
using Images.Formats;

namespace Images.Baker.Locking;

/// <summary>The signed InRelease of a suite that packages were resolved from.</summary>
internal sealed record LockedRelease
{
    /// <summary>debian or debian-security.</summary>
    public required string Archive { get; init; }

    public required string Suite { get; init; }

    /// <summary>Its Date field, UTC.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Of the InRelease file as it was downloaded.</summary>
    public required Digest InRelease { get; init; }

    /// <summary>Fingerprints of the pinned certificates with a good signature, sorted.</summary>
    public required ImmutableArray<string> SignedBy { get; init; }

    /// <summary>The Packages files read, sorted by path.</summary>
    public required ImmutableArray<LockedIndex> Indexes { get; init; }
}
