using System.IO.Compression;

namespace Images.NodeConfig.Metadata;

/// <summary>Gunzips what came from outside, up to a limit: a small file can unpack to any size.</summary>
public static class BoundedGzip
{
    public static bool IsGzip(ReadOnlySpan<byte> data) => data.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);

    /// <exception cref="InvalidDataException">
    /// The data is no gzip, is truncated, or unpacks to more than the limit.
    /// </exception>
    public static byte[] Decompress(byte[] packed, int maximumBytes)
    {
        using GZipStream stream = new(new MemoryStream(packed), CompressionMode.Decompress);
        byte[] buffer = new byte[checked(maximumBytes + 1)];
        int count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return count <= maximumBytes
            ? buffer[..count]
            : throw new InvalidDataException($"it unpacks to more than {maximumBytes} bytes");
    }
}
