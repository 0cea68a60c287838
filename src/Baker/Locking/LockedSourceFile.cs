using Images.Formats;

namespace Images.Baker.Locking;

/// <summary>One file of a source package.</summary>
internal sealed record LockedSourceFile
{
    /// <summary>Below the archive's root.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required Digest Digest { get; init; }

    /// <summary>The file's name, for messages.</summary>
    public string FileName() => Path[(Path.LastIndexOf('/') + 1)..];
}
