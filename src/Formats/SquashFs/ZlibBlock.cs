using System.IO.Compression;

namespace Images.Formats.SquashFs;

/// <summary>One block of SquashFS's "gzip", which is a zlib stream (RFC 1950).</summary>
internal static class ZlibBlock
{
    private const int Level = 9;

    /// <summary>
    /// Room that the worst case needs beyond the source: stored blocks add 5 bytes each, and the frame 6.
    /// </summary>
    public const int Overhead = 4096;

    /// <summary>
    /// Compresses into <paramref name="target"/>; returns the length, or -1 where that would save nothing.
    /// </summary>
    public static int Compress(ReadOnlySpan<byte> source, byte[] target)
    {
        using MemoryStream stream = new(target, writable: true);
        using (ZLibStream zlib = new(stream, new ZLibCompressionOptions { CompressionLevel = Level }, leaveOpen: true))
        {
            zlib.Write(source);
        }

        int length = (int)stream.Position;
        return length < source.Length ? length : -1;
    }

    /// <summary>
    /// Decompresses at most <paramref name="target"/>'s length, checking the sum at the end; returns the length.
    /// </summary>
    /// <exception cref="InvalidDataException">No whole zlib stream, a wrong sum, or more bytes than fit.</exception>
    public static int Decompress(byte[] source, int sourceLength, Span<byte> target)
    {
        using MemoryStream stream = new(source, 0, sourceLength, writable: false);
        using ZLibStream zlib = new(stream, CompressionMode.Decompress, leaveOpen: true);
        int length = Inflate(zlib, target);

        // the Adler-32 is only compared when something asks for a byte beyond the end
        Span<byte> beyond = stackalloc byte[1];
        if (length == target.Length && Inflate(zlib, beyond) != 0)
        {
            throw new InvalidDataException("a block is longer uncompressed than its place allows");
        }

        return length;
    }

    private static int Inflate(ZLibStream zlib, Span<byte> target)
    {
        try
        {
            return zlib.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        }
        catch (IOException e)
        {
            // the bytes are in memory: so .NET calls zlib's other answers, such as that it wants a dictionary
            throw new InvalidDataException("a block is no zlib stream that needs nothing but itself", e);
        }
    }
}
