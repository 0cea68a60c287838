namespace Images.Formats.SquashFs;

/// <summary>Numbers of SquashFS 4.0 and the choices this writer makes within it.</summary>
internal static class SquashFsConstants
{
    public const uint Magic = 0x73717368;
    public const ushort MajorVersion = 4;
    public const ushort ZlibCompression = 1;

    /// <summary>Data and fragment blocks that we write: 128 KiB.</summary>
    public const int BlockSize = 1 << BlockSizeLog;
    public const ushort BlockSizeLog = 17;

    /// <summary>Metadata is cut into pieces of 8 KiB before compression.</summary>
    public const int MetadataBlockSize = 8192;

    /// <summary>Bit of a data or fragment size word that says "stored as it is".</summary>
    public const uint UncompressedBlock = 1 << 24;
    public const uint BlockLengthMask = UncompressedBlock - 1;

    /// <summary>Bit of a metadata block's header that says "stored as it is".</summary>
    public const ushort UncompressedMetadata = 0x8000;

    public const ulong NoTable = ulong.MaxValue;
    public const uint NoFragment = uint.MaxValue;
    public const uint NoXattr = uint.MaxValue;

    /// <summary>One directory header covers at most this many entries.</summary>
    public const int EntriesPerHeader = 256;

    /// <summary>The size field of a directory counts the "." and ".." that are not stored.</summary>
    public const int DirectorySizeBias = 3;

    /// <summary>Linux's NAME_MAX; the format itself would allow one more.</summary>
    public const int NameLimit = 255;

    /// <summary>Linux's PATH_MAX without the final zero.</summary>
    public const int LinkTargetLimit = 4095;
    public const int PathLimit = 4095;

    /// <summary>Images are padded to this, as block devices and verity want whole pages.</summary>
    public const int ImageAlignment = 4096;
}
