using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Images.Formats;
using Images.Formats.Dns;

namespace Images.Bootstrapper.NameServer;

/// <summary>
/// Asks the machine's own name server for what Services of the type ExternalName name: whoever looks one up wants its
/// addresses, and resolvers in pods do not ask on by themselves.
/// </summary>
/// <param name="server">Keeps answers, and knows whom to ask.</param>
/// <param name="patience">For one answer: whoever asked asks again after some seconds.</param>
internal sealed class OutsideNames(IPEndPoint server, TimeSpan patience) : IDisposable
{
    /// <summary>Further questions are told at once that it does not work.</summary>
    private const int MostAtOnce = 64;

    private readonly SemaphoreSlim _places = new(MostAtOnce);

    public void Dispose() => _places.Dispose();

    /// <summary>Null where no answer came.</summary>
    public async Task<DnsReply?> AskAsync(string name, DnsType type)
    {
        if (!await _places.WaitAsync(TimeSpan.Zero))
        {
            return null;
        }

        using CancellationTokenSource limit = new(patience);
        try
        {
            return await AskByDatagramAsync(name, type, limit.Token) is { } reply
                && !reply.Header.Flags.HasFlag(DnsFlags.Truncated)
                    ? reply
                    : await AskByStreamAsync(name, type, limit.Token);
        }
        catch (Exception e)
            when (e is SocketException or IOException or OperationCanceledException or MalformedDataException)
        {
            return null;
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<DnsReply?> AskByDatagramAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        using Socket socket = new(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        ushort id = NewId();
        await socket.SendAsync(DnsReply.Ask(id, name, type), cancellationToken);
        byte[] buffer = new byte[NameServerLimits.LongestDatagram];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, cancellationToken);
            if (length >= DnsHeader.Size && DnsHeader.Read(buffer.AsSpan(0, length)).Id == id)
            {
                return DnsReply.Read(buffer.AsSpan(0, length), name, type);
            }
        }
    }

    private async Task<DnsReply?> AskByStreamAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        using TcpClient client = new(server.AddressFamily);
        await client.ConnectAsync(server, cancellationToken);
        ushort id = NewId();
        await DnsStream.WriteAsync(client.GetStream(), DnsReply.Ask(id, name, type), cancellationToken);
        byte[]? message = await DnsStream.ReadAsync(client.GetStream(), ushort.MaxValue, cancellationToken);
        return message is not null && DnsHeader.Read(message).Id == id ? DnsReply.Read(message, name, type) : null;
    }

    private static ushort NewId() => (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
}
