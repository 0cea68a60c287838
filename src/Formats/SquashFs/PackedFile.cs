namespace Images.Formats.SquashFs;

/// <summary>
/// A file on its way through <see cref="BlockPacker"/>: its blocks are placed as they leave the pipeline.
/// </summary>
internal sealed class PackedFile(long length, uint[] blockSizes)
{
    private long _startOffset = -1;
    private int _fragment = -1;
    private int _fragmentOffset;

    public void SetBlock(int index, long offset, uint sizeWord)
    {
        _startOffset = _startOffset < 0 ? offset : _startOffset;
        blockSizes[index] = sizeWord;
    }

    public void SetTail(int fragment, int offset)
    {
        _fragment = fragment;
        _fragmentOffset = offset;
    }

    /// <summary>Only after <see cref="BlockPacker.Complete"/>.</summary>
    public StoredFile ToStored() => new()
    {
        Length = length,
        StartOffset = Math.Max(0, _startOffset),
        BlockSizes = blockSizes,
        Fragment = _fragment,
        FragmentOffset = _fragmentOffset,
    };
}
