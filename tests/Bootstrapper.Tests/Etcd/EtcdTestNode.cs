using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>A machine on a loopback address: its own root folder, our agent and preparation, and a real etcd.</summary>
internal sealed class EtcdTestNode : IDisposable
{
    private const string Pki = "/var/lib/bootstrapper/pki/etcd/";

    private readonly string _userData;
    private readonly StringBuilder _etcdLog = new();
    private FakeResolved? _resolved;
    private CancellationTokenSource? _agent;
    private Process? _etcd;

    public EtcdTestNode(string folder, string address, string userData, Func<IReadOnlyList<string>> dns)
    {
        Folder = folder;
        Address = address;
        _userData = userData;
        Dns = dns;
    }

    public string Folder { get; }

    /// <summary>Another one after a move.</summary>
    public string Address { get; set; }

    public CertificateLife Life { get; init; } = CertificateLife.Usual;

    public EtcdRhythm Rhythm { get; init; } = new();

    /// <summary>Whose version the preparation asks for.</summary>
    public EtcdProgram Etcd { get; set; } = new(Judge.Find("etcd"));

    /// <summary>What the agent saw last of its peers.</summary>
    public PeerNameStatus? Peers { get; private set; }

    /// <summary>The etcd process that runs; null after it ended or was stopped.</summary>
    public int? EtcdId => _etcd is { HasExited: false } ? _etcd.Id : null;

    public string EtcdLog
    {
        get
        {
            lock (_etcdLog)
            {
                return _etcdLog.ToString();
            }
        }
    }

    public Func<IReadOnlyList<string>> Dns { get; }

    public StringWriter Console { get; } = new();

    public IReadOnlyDictionary<string, string> Environment { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public NodeRoot Root => new(Folder);

    /// <summary>What <c>boot</c> and systemd would have done by then.</summary>
    public void Boot()
    {
        Directory.CreateDirectory(Root[NodePaths.Templates + "/etcd"]);
        string role = File.ReadAllText(Path.Combine(Checkout.Folder, "roles/etcd.yaml"));
        File.WriteAllBytes(Root[NodePaths.CompiledRoles], CompiledRoles.Of([RoleFile.Parse(role, "roles/etcd.yaml")]).ToJson());
        File.Copy(Path.Combine(Checkout.Folder, "roles/etcd/templates/etcd.env"), Root[NodePaths.Templates + "/etcd/etcd.env"], overwrite: true);
        NodeIdentity identity = new()
        {
            InstanceId = "i",
            Roles = ["etcd"],
            Cluster = "demo",
            Domain = "k8s",
            Hostname = "etcd-" + Address.Split('.')[3],
            Address = Address,
            FirstBoot = DateTimeOffset.UtcNow,
        };
        new IdentityStore(Root).Save(identity, new StoredMetadata(Encoding.UTF8.GetBytes(_userData), "instance-id: i\n"u8.ToArray()));
        _resolved = new FakeResolved(Root[ResolvedResolver.DefaultSocket], Dns);
        _agent = new CancellationTokenSource();
        NodeState state = NodeState.Load(Root);
        NodeCertificates certificates = NodeCertificates.Of(Root, state, Life, TimeProvider.System);
        NodeConsole console = new(Root, Console);
        EtcdAgent agent = new(Root, state, PeerDirectory.For(Root, state, TimeProvider.System), certificates, new Narrator(console.WriteLine), peers => Peers = peers, Rhythm, TimeProvider.System);
        _ = agent.AnswerAsync(_agent.Token);
        _ = agent.SurveyAsync(_agent.Token);
        _ = agent.KeepMembershipAsync(_agent.Token);
        _ = new CertificateRenewal(state, certificates, Life, new Narrator(console.WriteLine), (_, _) => Task.CompletedTask).RunAsync(TimeProvider.System, _agent.Token);
    }

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await new ServicePreparation(Root, new NodeConsole(Root, Console), Etcd, Life, TimeProvider.System).RunAsync("etcd.service", cancellationToken);
        Environment = File.ReadAllLines(Root["/etc/etcd/etcd.env"]).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }

    /// <summary>The rendered environment, with paths below this machine's root and without the addresses that all machines share.</summary>
    public void StartEtcd(params IEnumerable<(string Name, string Value)> also)
    {
        ProcessStartInfo start = new(Judge.Find("etcd")) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value.StartsWith("/var/", StringComparison.Ordinal) ? Root[value] : value;
        }

        start.Environment["ETCD_LISTEN_CLIENT_URLS"] = $"https://{Address}:2379";
        start.Environment["ETCD_LISTEN_METRICS_URLS"] = $"http://{Address}:2381";
        start.Environment["ETCD_UNSUPPORTED_ARCH"] = "";
        foreach ((string name, string value) in also)
        {
            start.Environment[name] = value;
        }

        _etcd = Process.Start(start)!;
        _etcd.OutputDataReceived += Keep;
        _etcd.ErrorDataReceived += Keep;
        _etcd.BeginOutputReadLine();
        _etcd.BeginErrorReadLine();
    }

    public JudgeResult Etcdctl(params string[] arguments) => Judge.Try(
        "etcdctl",
        [
            "--endpoints", $"https://{Address}:2379", "--command-timeout", "3s", "--dial-timeout", "2s",
            "--cacert", Root[Pki + "client-ca.crt"], "--cert", Root[Pki + "health-client.crt"], "--key", Root[Pki + "health-client.key"], .. arguments,
        ],
        input: null,
        environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["ETCDCTL_API"] = "3" });

    /// <summary>What openssl says of a handshake without a client certificate. TLS 1.2, where the refusal is part of the handshake.</summary>
    public JudgeResult HandshakeWithoutCertificate() =>
        Judge.Try("openssl", ["s_client", "-connect", $"{Address}:2379", "-tls1_2", "-CAfile", Root[Pki + "client-ca.crt"]], input: []);

    /// <summary>The serial number of the certificate that etcd shows on this port to whoever connects now, by openssl's word.</summary>
    public string ShownSerial(int port)
    {
        JudgeResult shown = Judge.Try("openssl", ["s_client", "-connect", $"{Address}:{port}"], input: []);
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(shown.Output);
        return certificate.SerialNumber;
    }

    public X509Certificate2 CertificateOnDisk(string name) => X509CertificateLoader.LoadCertificateFromFile(Root[$"{Pki}{name}.crt"]);

    public void Stop()
    {
        _agent?.Cancel();
        _resolved?.Dispose();
        StopEtcd();
    }

    public void StopEtcd()
    {
        if (_etcd is not null)
        {
            _etcd.Kill();
            _etcd.WaitForExit();
            _etcd.Dispose();
            _etcd = null;
        }
    }

    public void Wipe()
    {
        Stop();
        Directory.Delete(Folder, recursive: true);
    }

    public void Dispose()
    {
        Stop();
        _agent?.Dispose();
        Console.Dispose();
    }

    public override string ToString()
    {
        string log = EtcdLog;
        return $"--- {Address}\n{Console}\n{log[Math.Max(0, log.Length - 3000)..]}";
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_etcdLog)
        {
            _etcdLog.AppendLine(line.Data);
        }
    }
}
