namespace Images.Formats.Xz;

/// <summary>CRC-64 of ECMA-182 (xz file format §6), eight bytes a step.</summary>
internal static class Crc64
{
    private static readonly ulong[][] _tables = CrcTables.Make<ulong>(0xC96C5795D7870F42);

    /// <summary>
    /// The CRC of what <paramref name="crc"/> covers followed by <paramref name="data"/>; begin with 0.
    /// </summary>
    public static ulong Append(ulong crc, ReadOnlySpan<byte> data) => ~CrcTables.Append(_tables, ~crc, data);
}
