using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Tests.Pki;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>The port that others can reach: whoever says nothing must not keep the peers out.</summary>
public sealed class RendezvousServerTests : IDisposable
{
    private static readonly IPAddress _server = IPAddress.Parse($"127.{Random.Shared.Next(2, 250)}.{Random.Shared.Next(2, 250)}.1");

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(1));
    private readonly List<Socket> _silent = [];
    private readonly MutualTls _tls;

    public RendezvousServerTests() => _tls = TlsOfAClusterIn("ours");

    /// <summary>Every cluster's authorities have the same names.</summary>
    private MutualTls TlsOfAClusterIn(string folder)
    {
        NodeIdentity identity = new()
        {
            InstanceId = "i",
            Roles = ["etcd"],
            Cluster = "demo",
            Domain = "k8s",
            Hostname = "etcd1",
            Address = _server.ToString(),
            FirstBoot = DateTimeOffset.UtcNow,
        };
        ClusterSecrets secrets = TestAuthority.Secrets("etcd-peer", TestAuthority.Create("etcd-peer", DateTimeOffset.UtcNow.AddHours(-1)));
        new NodeCertificates(new NodeRoot(_folder[folder]), secrets, CertificateLife.Usual, TimeProvider.System, DateTimeOffset.UnixEpoch)
            .Ensure(CertificateCatalogue.Find("etcd-peer", identity, KubernetesSettings.Default, new RoleNames(CompiledRoles.Of([]), "demo", "k8s")));
        return Tls(certificateOf: folder, authorityOf: folder);
    }

    private MutualTls Tls(string certificateOf, string authorityOf)
    {
        string Pki(string folder, string file) => _folder[$"{folder}/var/lib/bootstrapper/pki/etcd/{file}"];
        return new MutualTls(
            Pki(certificateOf, "peer.crt"), Pki(certificateOf, "peer.key"), Pki(authorityOf, "peer-ca.crt"), TimeProvider.System, DateTimeOffset.UnixEpoch);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _silent.ForEach(socket => socket.Dispose());
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_sent_away_when_its_time_is_over()
    {
        Listen(new ConnectionLimits { Patience = TimeSpan.FromSeconds(1) });
        Socket silent = await ConnectAsync(IPAddress.Parse("127.0.0.9"));
        (await EndsAsync(silent, TimeSpan.FromSeconds(10))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_client_that_speaks_no_TLS_is_sent_away_at_once()
    {
        Listen(new ConnectionLimits { Patience = TimeSpan.FromMinutes(1) });
        Socket other = await ConnectAsync(IPAddress.Parse("127.0.0.9"));
        await other.SendAsync("GET / HTTP/1.1\r\nHost: etcd\r\n\r\n"u8.ToArray(), _stop.Token);
        (await EndsAsync(other, TimeSpan.FromSeconds(10))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_flood_from_one_address_holds_its_own_places_only_and_peers_are_answered()
    {
        Listen(new ConnectionLimits { ConnectionsAtOnce = 16, ConnectionsPerAddress = 4, Patience = TimeSpan.FromMinutes(1) });
        Socket bystander = await ConnectAsync(IPAddress.Parse("127.0.0.8"));
        for (int i = 0; i < 100; i++)
        {
            await ConnectAsync(IPAddress.Parse("127.0.0.9"));
        }

        await AnswersAsync();
        (await EndsAsync(bystander, TimeSpan.FromMilliseconds(300))).ShouldBeFalse();
        (await EndsAsync(_silent[1], TimeSpan.FromSeconds(10))).ShouldBeTrue();
        (await EndsAsync(_silent[^1], TimeSpan.FromMilliseconds(300))).ShouldBeFalse();
    }

    [Fact]
    public async Task A_flood_from_many_addresses_gives_way_to_peers_too()
    {
        Listen(new ConnectionLimits { ConnectionsAtOnce = 16, ConnectionsPerAddress = 4, Patience = TimeSpan.FromMinutes(1) });
        for (int i = 0; i < 100; i++)
        {
            await ConnectAsync(IPAddress.Parse($"127.0.1.{i + 1}"));
        }

        await AnswersAsync();
        (await EndsAsync(_silent[0], TimeSpan.FromSeconds(10))).ShouldBeTrue();
    }

    [Fact]
    public async Task Only_who_shows_a_certificate_of_the_clusters_authority_is_answered()
    {
        Listen(new ConnectionLimits());
        string host = _server.ToString();
        TlsOfAClusterIn("others");
        SslClientAuthenticationOptions without = _tls.ForClient(host);
        without.ClientCertificates = null;
        (await AskAsync(_tls.ForClient(host))).ShouldNotBeNull().Status.Cluster.ShouldBe("demo");
        (await AskAsync(without)).ShouldBeNull();
        (await AskAsync(Tls(certificateOf: "others", authorityOf: "ours").ForClient(host))).ShouldBeNull();
    }

    [Fact]
    public async Task A_server_whose_certificate_is_of_another_authority_or_of_another_address_is_asked_nothing()
    {
        Listen(new ConnectionLimits());
        TlsOfAClusterIn("others");
        (await AskAsync(_tls.ForClient(_server.ToString()))).ShouldNotBeNull();
        RendezvousAnswer answer = await new RendezvousClient(Tls(certificateOf: "ours", authorityOf: "others")).AskAsync(_server.ToString(), new RendezvousRequest(), _stop.Token);
        answer.Reply.ShouldBeNull();
        answer.Failure.ShouldBe("its certificate is not of this cluster's etcd-peer authority, or its clock differs");
        (await AskAsync(_tls.ForClient("127.0.0.77"))).ShouldBeNull();
    }

    private void Listen(ConnectionLimits limits)
    {
        EtcdRecordStore store = new(new NodeRoot(_folder.FullPath));
        RendezvousServer server = new(new IPEndPoint(_server, EtcdPaths.RendezvousPort), _tls, store, Describe, limits);
        _ = server.RunAsync(_stop.Token);
    }

    private static PeerStatus Describe(EtcdRecord record) => new() { Cluster = "demo", Size = 1, Name = record.Name, Phase = record.Phase, Sees = [] };

    private async Task AnswersAsync()
    {
        for (int i = 0; i < 5; i++)
        {
            RendezvousAnswer answer = await new RendezvousClient(_tls).AskAsync(_server.ToString(), new RendezvousRequest(), _stop.Token);
            answer.Reply.ShouldNotBeNull(answer.Failure).Status.Cluster.ShouldBe("demo");
        }
    }

    /// <summary>Null where no answer comes.</summary>
    private async Task<RendezvousReply?> AskAsync(SslClientAuthenticationOptions options)
    {
        Socket socket = await ConnectAsync(IPAddress.Parse("127.0.0.9"));
        await using SslStream stream = new(new NetworkStream(socket));
        try
        {
            await stream.AuthenticateAsClientAsync(options, _stop.Token);
            await RendezvousWire.SendAsync(stream, new RendezvousRequest(), EtcdJson.Default.RendezvousRequest, _stop.Token);
            return await RendezvousWire.ReceiveAsync(stream, EtcdJson.Default.RendezvousReply, _stop.Token);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or AuthenticationException)
        {
            return null;
        }
    }

    private async Task<Socket> ConnectAsync(IPAddress from)
    {
        while (true)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(from, 0));
            try
            {
                await socket.ConnectAsync(new IPEndPoint(_server, EtcdPaths.RendezvousPort), _stop.Token);
                _silent.Add(socket);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose(); // not listening yet
                await Task.Delay(50, _stop.Token);
            }
        }
    }

    /// <summary>Whether the server has ended the connection within this time.</summary>
    private async Task<bool> EndsAsync(Socket socket, TimeSpan within)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(within);
        try
        {
            return await socket.ReceiveAsync(new byte[1], limit.Token) == 0;
        }
        catch (SocketException)
        {
            return true; // reset
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
