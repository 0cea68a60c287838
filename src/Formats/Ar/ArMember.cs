namespace Images.Formats.Ar;

/// <summary>One member of an ar archive.</summary>
public sealed record ArMember
{
    private readonly Stream _archive;

    internal ArMember(Stream archive) => _archive = archive;

    /// <summary>At most 16 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Byte offset of the content in the archive.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes of content.</summary>
    public required long Size { get; init; }

    public required long ModifiedUnixSeconds { get; init; }

    public required int Uid { get; init; }

    public required int Gid { get; init; }

    public required int Mode { get; init; }

    /// <summary>
    /// The content, seekable, with a position of its own; members are not to be read at the same time.
    /// </summary>
    public Stream OpenRead() => new StreamSection(_archive, Offset, Size);
}
