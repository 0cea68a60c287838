using System.Buffers.Text;

namespace Images.Formats.Cpio;

/// <summary>
/// One entry's header in the "new ASCII" format: the magic 070701 and thirteen numbers of eight hexadecimal digits
/// (kernel documentation, driver-api/early-userspace/buffer-format).
/// </summary>
internal readonly record struct CpioHeader
{
    public const int Size = 110;

    public uint Inode { get; init; }

    /// <summary>File type and permission bits as in <c>st_mode</c>.</summary>
    public uint Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public uint LinkCount { get; init; }

    public uint ModifiedUnixSeconds { get; init; }

    public uint FileSizeBytes { get; init; }

    public uint DeviceMajor { get; init; }

    public uint DeviceMinor { get; init; }

    /// <summary>Of device nodes; 0 for everything else.</summary>
    public uint SpecialMajor { get; init; }

    public uint SpecialMinor { get; init; }

    /// <summary>With the NUL at its end.</summary>
    public uint NameSizeBytes { get; init; }

    public void WriteTo(Span<byte> header)
    {
        "070701"u8.CopyTo(header);
        WriteNumber(header[6..], Inode);
        WriteNumber(header[14..], Mode);
        WriteNumber(header[22..], Uid);
        WriteNumber(header[30..], Gid);
        WriteNumber(header[38..], LinkCount);
        WriteNumber(header[46..], ModifiedUnixSeconds);
        WriteNumber(header[54..], FileSizeBytes);
        WriteNumber(header[62..], DeviceMajor);
        WriteNumber(header[70..], DeviceMinor);
        WriteNumber(header[78..], SpecialMajor);
        WriteNumber(header[86..], SpecialMinor);
        WriteNumber(header[94..], NameSizeBytes);
        WriteNumber(header[102..], 0); // the checksum, which only the magic 070702 fills
    }

    private static void WriteNumber(Span<byte> field, uint value) =>
        Utf8Formatter.TryFormat(value, field, out _, new System.Buffers.StandardFormat('x', 8));
}
