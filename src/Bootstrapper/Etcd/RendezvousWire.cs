using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>One JSON object each way, ended by a line feed.</summary>
internal static class RendezvousWire
{
    private const int MaximumBytes = 64 * 1024;

    public static async Task SendAsync<T>(
        Stream stream, T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(message, type), (byte)'\n'];
        await stream.WriteAsync(bytes, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <exception cref="InvalidDataException">The other side sent no such message.</exception>
    public static async Task<T> ReceiveAsync<T>(
        Stream stream, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaximumBytes];
        int length = 0;
        while (length < buffer.Length)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            int end = buffer.AsSpan(length, count).IndexOf((byte)'\n');
            length += count;
            if (end >= 0)
            {
                return Parse(buffer.AsSpan(0, length - count + end), type);
            }

            if (count == 0)
            {
                throw new InvalidDataException("the connection ended in the middle of a message");
            }
        }

        throw new InvalidDataException($"the message is longer than {MaximumBytes} bytes");
    }

    private static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return ForeignJson.Deserialize(json, type);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the message is not understood: {FaultText.Of(e)}", e);
        }
    }
}
