namespace Images.Formats.Verity;

/// <summary>
/// What a device-mapper table needs beside the device:
/// <c>1 DEV DEV 4096 4096 DataBlocks HashStartBlock sha256 RootHash Salt</c>.
/// </summary>
internal sealed record VerityInfo
{
    /// <summary>Lower-case hexadecimal, 64 characters.</summary>
    public required string RootHash { get; init; }

    /// <summary>Lower-case hexadecimal, 64 characters.</summary>
    public required string Salt { get; init; }

    /// <summary>Blocks of 4096 bytes.</summary>
    public required long DataBlocks { get; init; }

    /// <summary>Where the tree begins, in bytes from the slot's first byte: directly after the data.</summary>
    public long HashOffsetBytes => DataBlocks * VerityTree.BlockSize;

    /// <summary>The same in blocks of 4096 bytes, as the device-mapper table counts.</summary>
    public long HashStartBlock => DataBlocks;

    public long HashBytes => VerityTree.HashBlocks(DataBlocks) * VerityTree.BlockSize;

    /// <summary>Data and tree together.</summary>
    public long TotalBytes => HashOffsetBytes + HashBytes;
}
