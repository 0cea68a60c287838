using Images.Formats;

namespace Images.Baker.Locking;

internal sealed record LockedProgram
{
    public required string Name { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required Digest Digest { get; init; }
}
