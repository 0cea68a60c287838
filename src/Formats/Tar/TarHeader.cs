namespace Images.Formats.Tar;

/// <summary>A header block: POSIX ustar (IEEE Std 1003.1, pax) or GNU's variant of it.</summary>
internal readonly record struct TarHeader
{
    public const int Size = 512;

    /// <summary>Far beyond any file, yet sums of such sizes cannot overflow.</summary>
    public const long MaximumContentSize = 1L << 50;

    public required string Path { get; init; }

    public required int Mode { get; init; }

    public required int Uid { get; init; }

    public required int Gid { get; init; }

    public required long ContentSize { get; init; }

    public required long ModifiedUnixSeconds { get; init; }

    /// <summary>'0' also where the byte is NUL, as old archives have it.</summary>
    public required char Type { get; init; }

    public required string LinkTarget { get; init; }

    public required string UserName { get; init; }

    public required string GroupName { get; init; }

    public required int DeviceMajor { get; init; }

    public required int DeviceMinor { get; init; }

    public static TarHeader Read(ReadOnlySpan<byte> header, string archive, long offset)
    {
        TarFieldReader fields = new(archive, offset);
        if (fields.ReadNumber("checksum", header[148..156], 0, int.MaxValue) != ComputeChecksum(header))
        {
            throw new MalformedDataException(archive, offset, "the tar header's checksum does not match");
        }

        bool isPosix = header[257..265].SequenceEqual("ustar\000"u8);
        if (!isPosix && !header[257..265].SequenceEqual("ustar  \0"u8))
        {
            throw new MalformedDataException(archive, offset, "the tar header has neither POSIX's nor GNU's magic");
        }

        // GNU keeps other things where POSIX has the prefix; it writes long names in entries of their own
        string name = fields.ReadText("name", header[..100]);
        string prefix = isPosix ? fields.ReadText("prefix", header[345..500]) : "";
        return new TarHeader
        {
            Path = prefix.Length > 0 ? $"{prefix}/{name}" : name,
            Mode = (int)fields.ReadNumber("mode", header[100..108], 0, int.MaxValue) & 0xFFF,
            Uid = (int)fields.ReadNumber("uid", header[108..116], 0, int.MaxValue),
            Gid = (int)fields.ReadNumber("gid", header[116..124], 0, int.MaxValue),
            ContentSize = fields.ReadNumber("size", header[124..136], 0, MaximumContentSize),
            ModifiedUnixSeconds = fields.ReadNumber("mtime", header[136..148], long.MinValue, long.MaxValue),
            Type = header[156] == 0 ? '0' : (char)header[156],
            LinkTarget = fields.ReadText("linkname", header[157..257]),
            UserName = fields.ReadText("uname", header[265..297]),
            GroupName = fields.ReadText("gname", header[297..329]),
            DeviceMajor = (int)fields.ReadNumber("devmajor", header[329..337], 0, int.MaxValue),
            DeviceMinor = (int)fields.ReadNumber("devminor", header[337..345], 0, int.MaxValue),
        };
    }

    // the sum of all bytes, the checksum's own counted as blanks
    private static int ComputeChecksum(ReadOnlySpan<byte> header)
    {
        int sum = 8 * ' ';
        for (int i = 0; i < Size; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : header[i];
        }

        return sum;
    }
}
