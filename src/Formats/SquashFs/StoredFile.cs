namespace Images.Formats.SquashFs;

/// <summary>Where a file's compressed bytes lie in an image or a layer.</summary>
internal sealed record StoredFile
{
    public required long Length { get; init; }

    /// <summary>Of the first block; the others follow without a gap. 0 where no block is stored.</summary>
    public required long StartOffset { get; init; }

    /// <summary>
    /// One size word a block, 0 for a block of zeros, in the file's order; without the tail in a fragment.
    /// </summary>
    public required uint[] BlockSizes { get; init; }

    /// <summary>Index of the fragment block that holds the tail, or -1.</summary>
    public required int Fragment { get; init; }

    public required int FragmentOffset { get; init; }

    /// <summary>Bytes of all blocks as stored, without the tail.</summary>
    public long StoredLength
    {
        get
        {
            long sum = 0;
            foreach (uint word in BlockSizes)
            {
                sum += word & SquashFsConstants.BlockLengthMask;
            }

            return sum;
        }
    }
}
