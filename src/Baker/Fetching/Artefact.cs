using System.Collections.Immutable;
using Images.Formats;

namespace Images.Baker.Fetching;

/// <summary>
/// A file whose bytes are known by their digest, and whom to ask for it, in this order and for which path.
/// </summary>
internal sealed record Artefact
{
    /// <summary>How messages call it.</summary>
    public required string Name { get; init; }

    public required Digest Digest { get; init; }

    public required long Size { get; init; }

    public required ImmutableArray<(Mirror Mirror, string Path)> Sources { get; init; }
}
