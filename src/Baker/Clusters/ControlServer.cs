using System.Net.Sockets;
using System.Text.Json;
using Images.Launcher;

namespace Images.Baker.Clusters;

/// <summary>The supervisor's socket in the cluster's folder, which only its owner may enter.</summary>
internal sealed class ControlServer : IDisposable
{
    private readonly Func<ControlRequest, Task<ControlAnswer>> _handle;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;

    public ControlServer(string path, Func<ControlRequest, Task<ControlAnswer>> handle)
    {
        _path = path;
        _handle = handle;
        File.Delete(path);
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen(16);
        _ = AcceptAsync();
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _socket.AcceptAsync().ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // the supervisor ends
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using NetworkStream stream = new(client, ownsSocket: true);
            using StreamReader reader = new(stream);
            using StreamWriter writer = new(stream) { AutoFlush = true };
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                ControlAnswer answer = await AnswerAsync(line).ConfigureAwait(false);
                await writer.WriteLineAsync(JsonSerializer.Serialize(answer, ControlJson.Default.ControlAnswer))
                    .ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException)
        {
            // whoever asked has gone
        }
    }

    private async Task<ControlAnswer> AnswerAsync(string line)
    {
        try
        {
            ControlRequest? request = JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest);
            return request is null
                ? new ControlAnswer { Error = "an empty request" }
                : await _handle(request).ConfigureAwait(false);
        }
        catch (LauncherException fault)
        {
            return new ControlAnswer { Refusal = new(fault.Code, fault.Place, fault.Problem, fault.Remedy) };
        }
        catch (BakeException fault)
        {
            return new ControlAnswer { Refusal = new(fault.Code, fault.Place, fault.Problem, fault.Remedy) };
        }
        catch (Exception fault) when (fault is JsonException or IOException)
        {
            return new ControlAnswer { Error = fault.Message };
        }
    }
}
