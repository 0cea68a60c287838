using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// One question to systemd-resolved over its varlink socket. A message is one JSON object ended by a NUL byte
/// (https://varlink.org/Method-Call); methods and errors are those of io.systemd.Resolve.
/// </summary>
internal static class ResolvedCall
{
    private const int MaximumReplyBytes = 1 << 20;

    /// <param name="method">Of io.systemd.Resolve.</param>
    /// <param name="parameters">Writes them into their object.</param>
    /// <returns>The reply; null where resolved does not run (yet).</returns>
    /// <exception cref="SocketException">It hung up.</exception>
    /// <exception cref="InvalidDataException">What it said is no message.</exception>
    public static async Task<byte[]?> AskAsync(
        string socketPath, string method, Action<Utf8JsonWriter> parameters, CancellationToken cancellationToken)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
        }
        catch (SocketException)
        {
            return null;
        }

        await socket.SendAsync(Request(method, parameters), cancellationToken);
        return await ReceiveAsync(socket, cancellationToken);
    }

    private static byte[] Request(string method, Action<Utf8JsonWriter> parameters)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("method", $"io.systemd.Resolve.{method}");
            json.WriteStartObject("parameters");
            parameters(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        buffer.Write([(byte)0]);
        return buffer.WrittenSpan.ToArray();
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        using MemoryStream reply = new();
        byte[] chunk = new byte[4096];
        while (reply.Length <= MaximumReplyBytes)
        {
            int count = await socket.ReceiveAsync(chunk, cancellationToken);
            int end = chunk.AsSpan(0, count).IndexOf((byte)0);
            reply.Write(chunk, 0, end >= 0 ? end : count);
            if (end >= 0)
            {
                return reply.ToArray();
            }

            if (count == 0)
            {
                throw new InvalidDataException("the connection ended in the middle of a reply");
            }
        }

        throw new InvalidDataException("the reply is longer than 1 MiB");
    }
}
