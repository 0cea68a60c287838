using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Inspection;

/// <summary>
/// How far another machine is, and what time it has: it is connected to a few times, and a server of the cluster says
/// the time with each answer (RFC 9110, 6.6.1). Nothing of it needs a service of this machine, or a file.
/// </summary>
internal sealed class PeerProbe(NodeRoot root, NodeState state, TimeProvider time) : IDisposable
{
    private const int Connections = 5;

    /// <summary>A date has no part of a second, so on average the truth is half of one later.</summary>
    private static readonly TimeSpan _halfSecond = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(30);

    private readonly ClusterTls _tls = new(root, state, time);
    private readonly Lazy<X509Certificate2?> _clientOfEtcd = new(() => MintClientOfEtcd(state, time));

    public void Dispose()
    {
        if (_clientOfEtcd.IsValueCreated)
        {
            _clientOfEtcd.Value?.Dispose();
        }
    }

    /// <param name="role">Which servers it has.</param>
    /// <param name="port">The first one at which it listens.</param>
    public async Task<PeerFact> AskAsync(string role, string address, int port, CancellationToken cancellationToken)
    {
        TimeSpan? fastest = null;
        bool isOpen = false;
        for (int count = 0; count < Connections; count++)
        {
            if (count > 0)
            {
                await WaitAsync(cancellationToken);
            }

            (TimeSpan? took, isOpen) = await ConnectAsync(address, port, cancellationToken);
            if (took is null)
            {
                break;
            }

            fastest = fastest is TimeSpan before && before < took ? before : took;
        }

        TimeSpan? ahead = isOpen ? await ClockAheadAsync(role, address, port, cancellationToken) : null;
        return new PeerFact(role, address, fastest, ahead);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(_pause, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // what was measured so far counts
        }
    }

    /// <summary>A machine that refuses answers as fast as one that listens.</summary>
    private async Task<(TimeSpan? Took, bool IsOpen)> ConnectAsync(
        string address, int port, CancellationToken cancellationToken)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        long before = time.GetTimestamp();
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(address), port, cancellationToken);
            return (time.GetElapsedTime(before), true);
        }
        catch (SocketException e)
        {
            return (e.SocketErrorCode == SocketError.ConnectionRefused ? time.GetElapsedTime(before) : null, false);
        }
        catch (OperationCanceledException)
        {
            return (null, false);
        }
    }

    private async Task<TimeSpan?> ClockAheadAsync(
        string role, string address, int port, CancellationToken cancellationToken)
    {
        if (Tls(role, address) is not { } tls)
        {
            return null;
        }

        // by a clock that is wrong a good certificate is none
        tls.CertificateChainPolicy!.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        using SocketsHttpHandler handler = new() { SslOptions = tls, UseProxy = false, AllowAutoRedirect = false };
        using HttpClient client = new(handler);
        try
        {
            DateTimeOffset before = time.GetUtcNow();
            long sent = time.GetTimestamp();
            using HttpResponseMessage response = await client.GetAsync(
                new UriBuilder("https", address, port, "/version").Uri, HttpCompletionOption.ResponseHeadersRead,
                cancellationToken);
            return response.Headers.Date is DateTimeOffset date
                ? date + _halfSecond - (before + time.GetElapsedTime(sent) / 2)
                : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    private SslClientAuthenticationOptions? Tls(string role, string address) => role switch
    {
        RoleNames.Master => _tls.ForClient(address, ClusterSecrets.Kubernetes, certificate: null),
        RoleNames.Etcd when _clientOfEtcd.Value is { } client =>
            _tls.ForClient(address, ClusterSecrets.EtcdClient, client),
        _ => null,
    };

    /// <summary>
    /// For an hour and in memory alone: those on disk are made later, once the clock is believed. Null on a machine
    /// that has no business with etcd.
    /// </summary>
    private static X509Certificate2? MintClientOfEtcd(NodeState state, TimeProvider time)
    {
        ClusterAuthority? signer = state.Metadata.Node.Secrets[ClusterSecrets.EtcdClient]
            .FirstOrDefault(authority => authority.Key is not null);
        if (signer is null)
        {
            return null;
        }

        CertificatePlan plan = new()
        {
            Name = "inspection",
            Authority = ClusterSecrets.EtcdClient,
            Path = "",
            CommonName = $"{state.Identity.Hostname} inspection",
            DnsNames = [],
            Addresses = [],
            Usage = CertificateUsage.Client,
            KeyOwner = "",
        };
        try
        {
            using X509Certificate2 authority =
                X509Certificate2.CreateFromPem(signer.Certificate, signer.Key!.Reveal());
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using X509Certificate2 made = CertificateMint.Sign(
                plan, key, authority, CertificateLife.Usual with { Validity = TimeSpan.FromHours(1) },
                time.GetUtcNow());
            return made.CopyWithPrivateKey(key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null; // who needs the authority refuses it by name
        }
    }
}
