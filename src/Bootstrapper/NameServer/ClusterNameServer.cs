using System.Net;
using System.Net.Sockets;
using Images.Formats.Dns;

namespace Images.Bootstrapper.NameServer;

/// <summary>
/// Answers what the zones say, by datagrams and over TCP. Most answers need nobody else and are given in the thread
/// that took the question: no more threads, no waking, no memory.
/// </summary>
internal sealed class ClusterNameServer : IDisposable
{
    private static readonly ZoneAnswer _unknown = new() { Code = DnsCode.ServerFailure };

    private static readonly TimeSpan _again = TimeSpan.FromMilliseconds(100);

    private readonly ZoneFileReader _zones;
    private readonly OutsideNames _outside;
    private readonly Socket _datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _streams = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly SemaphoreSlim _connections = new(NameServerLimits.MostConnections);
    private volatile bool _isClosed;

    /// <exception cref="SocketException">The address is another's, or no address of this machine.</exception>
    public ClusterNameServer(IPEndPoint address, ZoneFileReader zones, OutsideNames outside)
    {
        (_zones, _outside) = (zones, outside);
        try
        {
            _datagrams.Bind(address);
            _streams.Bind(_datagrams.LocalEndPoint!);
            _streams.Listen(NameServerLimits.MostConnections);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IPEndPoint Address => (IPEndPoint)_datagrams.LocalEndPoint!;

    public void Dispose()
    {
        _isClosed = true;
        _datagrams.Dispose();
        _streams.Dispose();
    }

    /// <summary>Until it is disposed of.</summary>
    public void Run()
    {
        new Thread(TakeConnections) { IsBackground = true, Name = "connections" }.Start();
        byte[] message = new byte[NameServerLimits.LongestQuestion], reply = new byte[NameServerLimits.LongestDatagram];
        while (!_isClosed)
        {
            SocketAddress from = new(AddressFamily.InterNetwork);
            try
            {
                int length = _datagrams.ReceiveFrom(message, SocketFlags.None, from);
                Take(message.AsSpan(0, length), reply, from);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // one datagram that could not be taken or sent: who asked asks again
            }
        }
    }

    private void Take(ReadOnlySpan<byte> message, byte[] reply, SocketAddress from)
    {
        if (ZoneResponder.Read(message, reply, out int length) is { } question)
        {
            ZoneAnswer answer = AnswerOf(question);
            if (NeedsOutside(question, answer))
            {
                _ = SendLaterAsync(message.ToArray(), question, answer, from);
                return;
            }

            length = ZoneResponder.Write(message, question, answer, reply.AsSpan(0, RoomOf(question)));
        }

        if (length > 0)
        {
            _datagrams.SendTo(reply.AsSpan(0, length), SocketFlags.None, from);
        }
    }

    private async Task SendLaterAsync(byte[] message, DnsQuestion question, ZoneAnswer answer, SocketAddress from)
    {
        ZoneAnswer whole = await WithOutsideAsync(question, answer);
        byte[] reply = new byte[RoomOf(question)];
        int length = ZoneResponder.Write(message, question, whole, reply);
        try
        {
            _datagrams.SendTo(reply.AsSpan(0, length), SocketFlags.None, from);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // as above
        }
    }

    private void TakeConnections()
    {
        while (!_isClosed)
        {
            _connections.Wait();
            try
            {
                Socket connection = _streams.Accept();
                _ = Task.Run(() => ServeAsync(connection));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                _connections.Release();
                Thread.Sleep(_again); // it was gone before it was taken, or too many files are open
            }
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            await using NetworkStream stream = new(connection, ownsSocket: true);
            while (true)
            {
                using CancellationTokenSource limit = new(NameServerLimits.Idle);
                byte[]? message = await DnsStream.ReadAsync(stream, NameServerLimits.LongestQuestion, limit.Token);
                if (message is null || await AnswerAsync(message) is not { Length: > 0 } reply)
                {
                    return;
                }

                await DnsStream.WriteAsync(stream, reply, limit.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // the other side is gone, or slow
        }
        finally
        {
            _connections.Release();
        }
    }

    private async Task<ReadOnlyMemory<byte>> AnswerAsync(byte[] message)
    {
        byte[] reply = new byte[ushort.MaxValue];
        if (ZoneResponder.Read(message, reply, out int length) is not { } question)
        {
            return reply.AsMemory(0, length);
        }

        ZoneAnswer answer = AnswerOf(question);
        answer = NeedsOutside(question, answer) ? await WithOutsideAsync(question, answer) : answer;
        return reply.AsMemory(0, ZoneResponder.Write(message, question, answer, reply));
    }

    private ZoneAnswer AnswerOf(DnsQuestion question) =>
        _zones.Current?.Answer(question.Name, question.Type, question.Header.Id) ?? _unknown;

    private async Task<ZoneAnswer> WithOutsideAsync(DnsQuestion question, ZoneAnswer answer) =>
        ZoneResponder.With(answer, await _outside.AskAsync(answer.Outside!, question.Type));

    /// <summary>Who asks for anything but addresses gets the other name, and asks it himself.</summary>
    private static bool NeedsOutside(DnsQuestion question, ZoneAnswer answer) =>
        answer.Outside is not null && question.Type is DnsType.A or DnsType.Aaaa;

    private static int RoomOf(DnsQuestion question) =>
        Math.Min(question.DatagramSize, NameServerLimits.LongestDatagram);
}
