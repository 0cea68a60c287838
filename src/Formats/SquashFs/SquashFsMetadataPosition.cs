namespace Images.Formats.SquashFs;

/// <summary>A place in a table of metadata.</summary>
/// <param name="BlockStart">Where the block starts, stored, relative to its table.</param>
/// <param name="Offset">The byte in the block, uncompressed.</param>
internal readonly record struct SquashFsMetadataPosition(uint BlockStart, ushort Offset)
{
    /// <summary>The form in which the superblock names the root's inode.</summary>
    public ulong Packed => ((ulong)BlockStart << 16) | Offset;
}
