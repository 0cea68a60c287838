using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// An etcd of its own over a restored folder, on loopback and behind the member's own certificates: nobody without one
/// reads what is in it. It ends with its owner's word, or with its owner.
/// </summary>
internal sealed class EtcdScratchMember : IDisposable
{
    public const string Name = "drill";

    private const string Address = "127.0.0.1";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly Process _process;
    private readonly string _client;

    private EtcdScratchMember(Process process, string client) => (_process, _client) = (process, client);

    /// <summary>What the restored folder must have been made for.</summary>
    public static string PeerUrl(int port) => string.Create(CultureInfo.InvariantCulture, $"https://{Address}:{port}");

    /// <summary>One that nobody listens at now.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <param name="program">etcd.</param>
    /// <param name="root">With the member's certificates.</param>
    /// <param name="folder">As the restore made it.</param>
    /// <param name="peerPort">Of the URL that it was made for.</param>
    public static EtcdScratchMember Start(string program, NodeRoot root, string folder, int peerPort)
    {
        string client = PeerUrl(FreePort());
        string peer = PeerUrl(peerPort);
        string pki = root[EtcdNode.Pki];
        ProcessStartInfo start = new(
            program,
            [
                "--name", Name, "--data-dir", folder, "--log-level", "error",
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--initial-cluster", $"{Name}={peer}", "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer,
                "--cert-file", $"{pki}/server.crt", "--key-file", $"{pki}/server.key",
                "--trusted-ca-file", $"{pki}/client-ca.crt", "--client-cert-auth",
                "--peer-cert-file", $"{pki}/peer.crt", "--peer-key-file", $"{pki}/peer.key",
                "--peer-trusted-ca-file", $"{pki}/peer-ca.crt", "--peer-client-cert-auth",
            ])
        {
            UseShellExecute = false,
        };
        foreach (string name in start.Environment.Keys
            .Where(name => name.StartsWith("ETCD_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name); // of whoever runs this: they would be another member's
        }

        start.Environment.Remove("NOTIFY_SOCKET");
        return new EtcdScratchMember(Process.Start(start)!, client);
    }

    /// <summary>How many keys there are.</summary>
    /// <param name="access">To members, as a client that they know.</param>
    /// <param name="revision">At which.</param>
    /// <exception cref="EtcdSnapshotException">It does not serve them.</exception>
    public async Task<long> CountAsync(
        EtcdAccess access, long revision, TimeProvider time, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                using EtcdGateway gateway = access.At(_client);
                long count = await gateway.CountAsync(revision, cancellationToken);
                access.Forget(_client); // nobody listens there again
                return count;
            }
            catch (Exception e) when (e is EtcdGatewayException or IOException)
            {
                if (_process.HasExited || time.GetElapsedTime(begun) > _patience)
                {
                    throw new EtcdSnapshotException($"an etcd does not start from it ({FaultText.Of(e)})", e);
                }
            }

            await Task.Delay(_pause, time, cancellationToken);
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
