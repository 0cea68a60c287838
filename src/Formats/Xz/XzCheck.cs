namespace Images.Formats.Xz;

/// <summary>Kinds of integrity check, by their id (xz file format §2.1.1.2).</summary>
internal enum XzCheck
{
    None = 0x00,
    Crc32 = 0x01,
    Crc64 = 0x04,
    Sha256 = 0x0A,
}
