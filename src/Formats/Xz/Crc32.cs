namespace Images.Formats.Xz;

/// <summary>CRC-32 of IEEE 802.3 (xz file format §6), eight bytes a step.</summary>
internal static class Crc32
{
    private static readonly uint[][] _tables = CrcTables.Make<uint>(0xEDB88320);

    /// <summary>
    /// The CRC of what <paramref name="crc"/> covers followed by <paramref name="data"/>; begin with 0.
    /// </summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data) => ~CrcTables.Append(_tables, ~crc, data);
}
