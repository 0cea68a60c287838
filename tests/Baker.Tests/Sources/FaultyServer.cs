using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Images.Baker.Tests.Sources;

/// <summary>A small HTTP/1.1 server on 127.0.0.1 whose answers can be spoilt one by one. Each connection serves one request.</summary>
public sealed class FaultyServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new(); // without a timer it holds nothing to dispose of
    private readonly ConcurrentDictionary<string, ConcurrentQueue<ServerFault>> _faults = new(StringComparer.Ordinal);

    public FaultyServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Bytes by path, as "debian/pool/a.deb".</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Path and range of each request, as "debian/pool/a.deb bytes=5-".</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Of each request that had one.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = new();

    /// <summary>Whether files have an ETag.</summary>
    public bool SendsETag { get; set; } = true;

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";

    /// <summary>The next answers for this path.</summary>
    public void Spoil(string path, params ServerFault[] faults)
    {
        ConcurrentQueue<ServerFault> queue = _faults.GetOrAdd(path, _ => new ConcurrentQueue<ServerFault>());
        foreach (ServerFault fault in faults)
        {
            queue.Enqueue(fault);
        }
    }

    public void Dispose()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        CancellationToken stop = _stop.Token;
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(stop);
                _ = ServeAsync(client, stop);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        using (client)
        {
            try
            {
                using NetworkStream stream = client.GetStream();
                Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
                using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
                string request = await reader.ReadLineAsync(stop) ?? "";
                while (await reader.ReadLineAsync(stop) is { Length: > 0 } line)
                {
                    headers[line.Split(':')[0]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
                }

                string path = Uri.UnescapeDataString(request.Split(' ')[1].TrimStart('/'));
                Requests.Enqueue(headers.TryGetValue("Range", out string? range) ? $"{path} {range}" : path);
                if (headers.TryGetValue("Authorization", out string? authorization))
                {
                    Authorizations.Enqueue(authorization);
                }

                ServerFault fault = _faults.TryGetValue(path, out ConcurrentQueue<ServerFault>? queue) && queue.TryDequeue(out ServerFault next) ? next : ServerFault.None;
                await AnswerAsync(stream, path, headers, fault, stop);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
            {
                // the client went away, or the test is over
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, string path, Dictionary<string, string> headers, ServerFault fault, CancellationToken stop)
    {
        string? failure = fault switch
        {
            ServerFault.Unavailable => "503 Unavailable",
            ServerFault.NotFound => "404 Not Found",
            ServerFault.Forbidden => "403 Forbidden",
            ServerFault.RangeNotSatisfiable => "416 Range Not Satisfiable",
            _ => Files.ContainsKey(path) ? null : "404 Not Found",
        };
        if (failure is not null)
        {
            await SendAsync(stream, failure, "", [], stop);
            return;
        }

        byte[] file = Files[path];
        string tag = $"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file))[..12]}\"";
        int start = fault != ServerFault.IgnoreRange && headers.TryGetValue("Range", out string? range) && headers.GetValueOrDefault("If-Range") == tag
            ? int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture)
            : 0;
        int claimed = fault == ServerFault.WrongContentRange ? start + 1 : start;
        string status = start > 0 ? $"206 Partial Content\r\nContent-Range: bytes {claimed}-{file.Length - 1}/{file.Length}" : "200 OK";
        byte[] body = file[start..];
        body = fault switch
        {
            ServerFault.WrongBytes => [.. body.Select(value => (byte)(value ^ 0x55))],
            ServerFault.TooLong => [.. body, 0],
            _ => body,
        };
        int sent = fault is ServerFault.Truncate or ServerFault.Stall ? body.Length / 2 : body.Length;
        await SendAsync(stream, status, SendsETag ? $"ETag: {tag}\r\n" : "", body, stop, sent);
        if (fault == ServerFault.Stall)
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
    }

    private static async Task SendAsync(NetworkStream stream, string status, string headers, byte[] body, CancellationToken stop, int? sent = null)
    {
        string head = $"HTTP/1.1 {status}\r\n{headers}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), stop);
        await stream.WriteAsync(body.AsMemory(0, sent ?? body.Length), stop);
    }
}
