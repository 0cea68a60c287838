using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Images.Launcher.Programs;

namespace Images.Launcher.Clusters;

/// <summary>A port of 127.0.0.1 whose connections end at an address in the cluster's network.</summary>
internal sealed class PortRelay : IDisposable
{
    private readonly ClusterNamespaces _namespaces;
    private readonly Func<IPEndPoint?> _target;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();

    private PortRelay(ClusterNamespaces namespaces, TcpListener listener, Func<IPEndPoint?> target)
    {
        _namespaces = namespaces;
        _listener = listener;
        _target = target;
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Listens; null where the port is taken.</summary>
    /// <param name="namespaces">Of the cluster.</param>
    /// <param name="port">0 for any that is free.</param>
    /// <param name="target">Asked for each connection; null closes it.</param>
    public static PortRelay? TryOpen(ClusterNamespaces namespaces, int port, Func<IPEndPoint?> target)
    {
        TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return new PortRelay(namespaces, listener, target);
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_end.Token).ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception closed) when (
            closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the relay has ended
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using Socket closing = client;
        if (_target() is not { } target)
        {
            return;
        }

        try
        {
            // a socket of the cluster's network can only be made inside
            using Process program = HostProgram.Start(
                _namespaces.Enter(["socat", "STDIO", $"TCP:{target.Address}:{target.Port},connect-timeout=5"]));
            program.BeginErrorReadLine();
            NetworkStream stream = new(client);
            Task up = CopyAsync(stream, program.StandardInput.BaseStream, program.StandardInput.Close);
            Task down = CopyAsync(
                program.StandardOutput.BaseStream, stream, () => client.Shutdown(SocketShutdown.Send));
            await down.ConfigureAwait(false);
            client.Close();
            await up.ConfigureAwait(false);
            await program.WaitForExitAsync().ConfigureAwait(false);
        }
        catch (Exception broken) when (
            broken is LauncherException or IOException or SocketException or ObjectDisposedException)
        {
            // one connection less
        }
    }

    private static async Task CopyAsync(Stream source, Stream target, Action close)
    {
        try
        {
            await source.CopyToAsync(target).ConfigureAwait(false);
            close();
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException)
        {
            // the other side has gone
        }
    }
}
