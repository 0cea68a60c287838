namespace Images.Formats.SquashFs;

/// <summary>What was written.</summary>
internal sealed record SquashFsWriteResult
{
    /// <summary>Bytes of the file system, as its superblock says, without the padding.</summary>
    public required long BytesUsed { get; init; }

    /// <summary>Bytes written: <see cref="BytesUsed"/> padded to 4 KiB.</summary>
    public required long PaddedLength { get; init; }

    public required int InodeCount { get; init; }

    /// <summary>Distinct file contents stored; files with equal bytes share one.</summary>
    public required int ContentCount { get; init; }

    public required int FragmentCount { get; init; }

    /// <summary>Bytes copied from layers, already compressed.</summary>
    public required long CopiedBytes { get; init; }

    /// <summary>Bytes of blocks and fragments, as stored.</summary>
    public required long DataBytes { get; init; }
}
