namespace Images.Formats.SquashFs;

/// <summary>
/// One step of a big directory's index, which lets the kernel skip to the metadata block that may hold a name:
/// u32 byte of the listing, u32 metadata block, u32 name length - 1, the first name found there.
/// </summary>
internal readonly record struct SquashFsDirectoryIndex(uint ListingOffset, uint StartBlock, ReadOnlyMemory<byte> Name)
{
    public const int FixedSize = 12;
}
