using System.Buffers.Text;
using System.Text;
using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>ASCII armor (RFC 9580, section 6).</summary>
internal static class OpenPgpArmor
{
    private static readonly byte[] _begin = [.. "-----BEGIN PGP "u8];

    /// <summary>The packets of a file that is armored or binary.</summary>
    /// <param name="file">The file.</param>
    /// <param name="kind">What the armor must announce: "PUBLIC KEY BLOCK".</param>
    /// <param name="name">What errors call the file.</param>
    /// <exception cref="MalformedDataException">The armor is broken.</exception>
    public static byte[] DecodeIfArmored(byte[] file, string kind, string name)
    {
        if (!file.AsSpan().StartsWith(_begin))
        {
            return file;
        }

        PgpLineReader lines = new(file, name);
        return lines.MoveNext() && lines.Current.SequenceEqual(Encoding.ASCII.GetBytes($"-----BEGIN PGP {kind}-----"))
            ? ReadBody(lines, kind)
            : throw lines.Malformed($"the armor does not announce a {kind}");
    }

    /// <summary>Reads on behind the BEGIN line, up to and with the END line.</summary>
    /// <exception cref="MalformedDataException">The armor is broken.</exception>
    public static byte[] ReadBody(PgpLineReader lines, string kind)
    {
        SkipHeaders(lines);
        StringBuilder base64 = new();
        int? checksum = null;
        byte[] end = Encoding.ASCII.GetBytes($"-----END PGP {kind}-----");
        while (lines.MoveNext())
        {
            ReadOnlySpan<byte> line = lines.Current.TrimEnd(" \t"u8);
            if (line.SequenceEqual(end))
            {
                return Decode(lines, base64.ToString(), checksum);
            }

            if (line is [(byte)'=', _, _, _, _] && checksum is null)
            {
                checksum = ReadChecksum(lines, Encoding.ASCII.GetString(line[1..]));
            }
            else if (checksum is null)
            {
                base64.Append(Encoding.ASCII.GetString(line));
            }
            else
            {
                throw lines.Malformed("something follows the armor's checksum");
            }
        }

        throw lines.Malformed("the armor has no end");
    }

    /// <summary>Of 24 bits; with padding four characters hold fewer.</summary>
    private static int ReadChecksum(PgpLineReader lines, string text) =>
        FromBase64(lines, text) is [byte high, byte middle, byte low]
            ? (high << 16) | (middle << 8) | low
            : throw lines.Malformed("the armor's checksum has not 24 bits");

    private static void SkipHeaders(PgpLineReader lines)
    {
        while (lines.MoveNext())
        {
            if (lines.Current.TrimEnd(" \t"u8).IsEmpty)
            {
                return;
            }

            if (lines.Current.IndexOf(": "u8) <= 0)
            {
                throw lines.Malformed("the armor has a header that is none");
            }
        }

        throw lines.Malformed("the armor has no body");
    }

    private static byte[] Decode(PgpLineReader lines, string base64, int? checksum)
    {
        byte[] packets = FromBase64(lines, base64);
        return checksum is null || checksum == Crc24(packets)
            ? packets
            : throw lines.Malformed("the armor's checksum is wrong");
    }

    private static byte[] FromBase64(PgpLineReader lines, string text)
    {
        try
        {
            return Base64.IsValid(text)
                ? Convert.FromBase64String(text)
                : throw lines.Malformed("the armor holds something that is not base64");
        }
        catch (FormatException)
        {
            throw lines.Malformed("the armor holds something that is not base64");
        }
    }

    // RFC 9580, section 6.1.1
    private static int Crc24(ReadOnlySpan<byte> data)
    {
        int crc = 0xB704CE;
        foreach (byte value in data)
        {
            crc ^= value << 16;
            for (int bit = 0; bit < 8; bit++)
            {
                crc <<= 1;
                crc = (crc & 0x1000000) != 0 ? crc ^ 0x1864CFB : crc;
            }
        }

        return crc & 0xFFFFFF;
    }
}
