using System.Text;

namespace Images.Formats.Tar;

/// <summary>Reads the text and numbers inside tar headers; errors name the field.</summary>
internal readonly struct TarFieldReader(string archive, long offset)
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Text up to the first NUL, or the whole field.</summary>
    public string ReadText(string field, ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Decode(field, end < 0 ? bytes : bytes[..end]);
    }

    public string Decode(string field, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return _utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new MalformedDataException(
                archive, offset, $"the field '{field}' is not UTF-8: {Encoding.Latin1.GetString(bytes)}", e);
        }
    }

    /// <summary>Octal digits, or GNU's base 256 where the first bit is set. An empty field is 0.</summary>
    public long ReadNumber(string field, ReadOnlySpan<byte> bytes, long minimum, long maximum)
    {
        long? value = (bytes[0] & 0x80) != 0 ? ReadBase256(bytes) : ReadOctal(bytes);
        return value is long number && number >= minimum && number <= maximum
            ? number
            : throw new MalformedDataException(
                archive,
                offset,
                $"the field '{field}' holds no number, or one out of range: {Encoding.Latin1.GetString(bytes)}");
    }

    // POSIX: digits, then blanks or NULs; some writers put blanks in front
    private static long? ReadOctal(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> digits = bytes.TrimStart((byte)' ').TrimEnd(" \0"u8);
        long value = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            value = (value << 3) | (long)(digit - '0');
        }

        return value;
    }

    // two's complement, big endian, with the first bit as the mark and the second as the sign
    private static long? ReadBase256(ReadOnlySpan<byte> bytes)
    {
        bool isNegative = (bytes[0] & 0x40) != 0;
        long value = isNegative ? -1 : 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte b = i > 0 ? bytes[i] : (byte)(isNegative ? bytes[0] : bytes[0] & 0x7F);
            if (value is > (long.MaxValue >> 8) or < (long.MinValue >> 8))
            {
                return null;
            }

            value = (value << 8) | b;
        }

        return value;
    }
}
