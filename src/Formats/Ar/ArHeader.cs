using System.Buffers;
using System.Text;

namespace Images.Formats.Ar;

/// <summary>A member's header: fields of text, filled with blanks on their right.</summary>
internal readonly record struct ArHeader
{
    public const int Size = 60;

    // deb(5): names of printable characters, without BSD's or GNU's ways to spell long ones ("#1/", "/", "//")
    private static readonly SearchValues<byte> _nameBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-"u8);

    public required string Name { get; init; }

    public required long ModifiedUnixSeconds { get; init; }

    public required int Uid { get; init; }

    public required int Gid { get; init; }

    public required int Mode { get; init; }

    public required long ContentSize { get; init; }

    public static ArHeader Read(ReadOnlySpan<byte> header, string archive, long offset)
    {
        if (!header[58..60].SequenceEqual("`\n"u8))
        {
            throw new MalformedDataException(archive, offset, "no ar header stands here (wrong end characters)");
        }

        // GNU ar ends a name with '/', dpkg-deb does not
        ReadOnlySpan<byte> name = header[..16].TrimEnd((byte)' ');
        name = name.Length > 1 && name[^1] == '/' ? name[..^1] : name;
        if (name.IsEmpty || name.IndexOfAnyExcept(_nameBytes) >= 0)
        {
            throw new MalformedDataException(
                archive,
                offset,
                $"the member name '{Encoding.Latin1.GetString(name)}' is not allowed in a Debian package");
        }

        return new ArHeader
        {
            Name = Encoding.ASCII.GetString(name),
            ModifiedUnixSeconds = ReadNumber(header[16..28], 10, archive, offset),
            Uid = (int)ReadNumber(header[28..34], 10, archive, offset),
            Gid = (int)ReadNumber(header[34..40], 10, archive, offset),
            Mode = (int)ReadNumber(header[40..48], 8, archive, offset),
            ContentSize = ReadNumber(header[48..58], 10, archive, offset),
        };
    }

    private static long ReadNumber(ReadOnlySpan<byte> field, int radix, string archive, long offset)
    {
        long value = 0;
        ReadOnlySpan<byte> digits = field.TrimEnd((byte)' ');
        foreach (byte digit in digits)
        {
            int one = digit - '0';
            value = one >= 0 && one < radix
                ? (value * radix) + one
                : throw new MalformedDataException(
                    archive,
                    offset,
                    $"the ar header holds '{Encoding.Latin1.GetString(digits)}' where a number belongs");
        }

        return digits.IsEmpty
            ? throw new MalformedDataException(archive, offset, "the ar header lacks a number")
            : value;
    }
}
