using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>
/// A text with its signatures, as an InRelease file is: the cleartext signature framework (RFC 9580,
/// section 7). The file must be that and nothing else: bytes before or behind it are not signed, and a
/// reader that skips them can be fooled.
/// </summary>
internal sealed record CleartextMessage
{
    private static readonly byte[] _begin = [.. "-----BEGIN PGP SIGNED MESSAGE-----"u8];
    private static readonly byte[] _beginSignature = [.. "-----BEGIN PGP SIGNATURE-----"u8];

    /// <summary>
    /// What the signatures are made over: lines without trailing blanks, joined by CR LF, none at the end.
    /// </summary>
    public required byte[] SignedBytes { get; init; }

    /// <summary>The same lines, each ended by LF: the only bytes that may be believed.</summary>
    public required byte[] Text { get; init; }

    /// <summary>The signature packets.</summary>
    public required byte[] Signatures { get; init; }

    /// <param name="file">The whole file.</param>
    /// <exception cref="MalformedDataException">It is not such a message, or holds more than one.</exception>
    public static CleartextMessage Parse(byte[] file, string name)
    {
        PgpLineReader lines = new(file, name);
        if (!lines.MoveNext() || !lines.Current.SequenceEqual(_begin))
        {
            throw new MalformedDataException(
                name, 0, "it does not begin with -----BEGIN PGP SIGNED MESSAGE-----, so it is not signed");
        }

        SkipHashHeaders(lines);
        (byte[] signedBytes, byte[] text) = ReadText(lines);
        byte[] signatures = OpenPgpArmor.ReadBody(lines, "SIGNATURE");
        while (lines.MoveNext())
        {
            if (!lines.Current.IsEmpty)
            {
                throw lines.Malformed("something follows the signature");
            }
        }

        return new CleartextMessage { SignedBytes = signedBytes, Text = text, Signatures = signatures };
    }

    private static void SkipHashHeaders(PgpLineReader lines)
    {
        while (lines.MoveNext())
        {
            if (lines.Current.IsEmpty)
            {
                return;
            }

            // which hash counts stands in the signature; this header only announces it
            if (!lines.Current.StartsWith("Hash: "u8))
            {
                throw lines.Malformed("a header other than 'Hash' stands before the text");
            }
        }

        throw lines.Malformed("the file ends before the text");
    }

    private static (byte[] SignedBytes, byte[] Text) ReadText(PgpLineReader lines)
    {
        using MemoryStream signedBytes = new();
        using MemoryStream text = new();
        while (lines.MoveNext())
        {
            ReadOnlySpan<byte> line = lines.Current;
            if (line.SequenceEqual(_beginSignature))
            {
                return (signedBytes.ToArray(), text.ToArray());
            }

            if (line.StartsWith("-"u8))
            {
                line = line.StartsWith("- "u8)
                    ? line[2..]
                    : throw lines.Malformed("a line begins with '-' and is not dash-escaped");
            }

            line = line.TrimEnd(" \t"u8);
            if (text.Length > 0)
            {
                signedBytes.Write("\r\n"u8);
            }

            signedBytes.Write(line);
            text.Write(line);
            text.WriteByte((byte)'\n');
        }

        throw lines.Malformed("the file ends before the signature");
    }
}
