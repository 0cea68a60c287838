using System.Text;

namespace Images.Fuzz;

/// <summary>Makes inputs of a corpus: one of its members, changed in one to sixteen places, mostly near its beginning.</summary>
internal sealed class FuzzMutator(Random random, byte[][] corpus)
{
    private const int Head = 1024;
    private const int LongestPiece = 600;

    /// <summary>From here on nothing is inserted or taken out: moving so much for each input would be all that is done.</summary>
    private const int Large = 1 << 20;

    private static readonly byte[][] _tokens =
    [
        .. ((string[])
        [
            "\0", "\0\0\0\0", "\u00ff\u00ff\u00ff\u00ff", "\u00ff\u00ff\u00ff\u007f", "\0\0\0\u0080", "\u0001\0\0\0\0\0\0\0", "{", "}", "[", "]", "[]", "{}", "null", "true",
            "- ", ": ", "? ", "#", "&a ", "*a", "!!", "!<", "|", ">", "\n", "\r\n", "\n\n", "'", "\"", "---\n", "...\n", "../", "/", "//", "\t", "%", "%00", "=", ";", ",", "~",
            "999999999999999999999", "-1", "0", "0x7fffffff", "1e999", "0.0.0.0/0", "::1", "\\ud800", "\\u0000", "\u00c3\u0028", "\u00ef\u00bb\u00bf",
        ]).Select(Encoding.Latin1.GetBytes),
        Encoding.ASCII.GetBytes(new string('[', 200)),
        Encoding.ASCII.GetBytes(new string('{', 200)),
        Encoding.ASCII.GetBytes(new string(' ', 300)),
    ];

    public bool Coin() => random.Next(2) == 0;

    public byte[] Next()
    {
        byte[] bytes = [.. corpus[random.Next(corpus.Length)]];
        int changes = 1 << random.Next(5);
        for (int change = 0; change < changes && bytes.Length > 0; change++)
        {
            int at = random.Next(3) == 0 ? random.Next(bytes.Length) : random.Next(Math.Min(bytes.Length, Head));
            bytes = bytes.Length < Large && Coin() ? Rearrange(bytes, at) : Overwrite(bytes, at);
        }

        return bytes;
    }

    private byte[] Overwrite(byte[] bytes, int at)
    {
        switch (random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] = Coin() ? (byte)0 : (byte)255;
                break;
            case 3:
                random.NextBytes(bytes.AsSpan(at, Math.Min(random.Next(1, 9), bytes.Length - at)));
                break;
            case 4:
                Put(bytes, at, Token());
                break;
            default:
                Put(bytes, at, Piece());
                break;
        }

        return bytes;
    }

    private byte[] Rearrange(byte[] bytes, int at)
    {
        int end = at + Math.Min(random.Next(1, 200), bytes.Length - at);
        return random.Next(6) switch
        {
            0 => bytes[..at],
            1 or 2 => [.. bytes[..at], .. Token(), .. bytes[at..]],
            3 => [.. bytes[..at], .. bytes[end..]],
            4 => [.. bytes[..end], .. bytes[at..]],
            _ => [.. bytes[..at], .. Piece(), .. bytes[at..]],
        };
    }

    private byte[] Token() => _tokens[random.Next(_tokens.Length)];

    /// <summary>A run of another input.</summary>
    private byte[] Piece()
    {
        byte[] other = corpus[random.Next(corpus.Length)];
        int start = random.Next(other.Length + 1);
        return other[start..(start + random.Next(Math.Min(LongestPiece, other.Length - start) + 1))];
    }

    private static void Put(byte[] bytes, int at, ReadOnlySpan<byte> piece) => piece[..Math.Min(piece.Length, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
}
