using System.Buffers.Binary;

namespace Images.Bootstrapper.NameServer;

/// <summary>Messages over TCP (RFC 1035 §4.2.2): two bytes of length before each.</summary>
internal static class DnsStream
{
    /// <summary>Null where the other side has ended, or sends more than is taken.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, int longest, CancellationToken cancellationToken)
    {
        byte[] prefix = new byte[2];
        if (await stream.ReadAtLeastAsync(prefix, 2, throwOnEndOfStream: false, cancellationToken) < 2)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(prefix);
        if (length > longest)
        {
            return null;
        }

        byte[] message = new byte[length];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return message;
    }

    /// <summary>In one piece: there are clients that expect the length and the message together.</summary>
    public static async Task WriteAsync(
        Stream stream, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        byte[] whole = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(whole, (ushort)message.Length);
        message.CopyTo(whole.AsMemory(2));
        await stream.WriteAsync(whole, cancellationToken);
    }
}
