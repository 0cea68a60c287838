using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.NodeRoles;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>
/// A real kube-apiserver, the one that a bake has built, over a real etcd, on an address of the loopback network. Both start with the flags,
/// files and certificates that the bootstrapper makes from the roles.
/// </summary>
internal sealed class TestApiServer : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private readonly ConcurrentQueue<string> _said = [];
    private readonly List<Process> _programs = [];
    private readonly SampleMachine _machine;
    private readonly PreparedFolder _files;

    /// <param name="changes">Of the files' text, beside what this network needs.</param>
    public TestApiServer(params (string From, string To)[] changes)
    {
        _machine = new SampleMachine(["etcd", "master"], KubernetesPrograms.Version, Address);
        _files = new PreparedFolder(
            _machine, _folder.FullPath,
            [
                ("127.0.0.1", Address), // the network is the host's, whose other programs have that one
                ("--bind-address=0.0.0.0", $"--bind-address={Address}"),
                ($"--advertise-address={Address}", "--advertise-address=192.0.2.1"), // Endpoints cannot be on the loopback
                ("m1=https://10.0.0.21", $"m1=https://{Address}"),
                .. changes,
            ]);
    }

    public string Address { get; } = $"127.{Random.Shared.Next(2, 250)}.{Random.Shared.Next(2, 250)}.1";

    public string Url => $"https://{Address}:6443";

    public AdministratorAccess Administrator => new(Url, Authority, () => Tls(), () => DateTimeOffset.UtcNow);

    /// <summary>As a master's agent, by its certificate.</summary>
    public Func<KubernetesClient> Agent => new KubernetesAccess(Url, TlsOf("images:masters-agent").ForClient).Connect;

    /// <summary>What the duties beside it have said so far.</summary>
    public IReadOnlyList<string> Said => [.. _said];

    /// <summary>By whose certificate this machine, node1, is known as a master.</summary>
    public RoleServer Master => new(
        6443,
        address =>
        {
            SslClientAuthenticationOptions options = Tls();
            options.TargetHost = address;
            return options;
        },
        KubernetesCertificates.ApiService);

    private ClusterAuthority Authority => _machine.State.Metadata.Node.Secrets[ClusterSecrets.Kubernetes][0];

    public async Task StartAsync()
    {
        Start(Judge.Find("etcd"), [], new Dictionary<string, string>(_files.EtcdEnvironment(), StringComparer.Ordinal) { ["ETCD_UNSAFE_NO_FSYNC"] = "true", ["ETCD_LOG_LEVEL"] = "error" });
        Start(Path.Combine(KubernetesPrograms.Folder, "kube-apiserver"), _files.ArgumentsOf("kube-apiserver"), []);
        DateTimeOffset end = DateTimeOffset.UtcNow + _patience;
        while (!await IsReadyAsync())
        {
            (DateTimeOffset.UtcNow < end && _programs.All(program => !program.HasExited)).ShouldBeTrue(ToString());
            await Task.Delay(200);
        }
    }

    /// <summary>The duty that applies the rules of access of the image, and tokens.</summary>
    public ClusterAccess Access(Func<IReadOnlyList<JsonObject>> tokens) => new(
        Administrator.Connect,
        () => ManifestReader.Read(File.ReadAllText(Path.Combine(Checkout.Folder, "roles/master/templates/access.yaml")), "access.yaml"),
        () => [],
        tokens, new Narrator(Say), TimeProvider.System);

    /// <summary>For a duty beside it; a failure shows what was said.</summary>
    public void Say(string line) => _said.Enqueue(line);

    /// <summary>Looks until it is so, within a minute; an answer that is a refusal means not yet.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(60);
        while (!await IsSoAsync(condition))
        {
            (DateTimeOffset.UtcNow < end).ShouldBeTrue($"{string.Join('\n', _said)}\n{this}");
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>As a user with a certificate of the cluster's authority.</summary>
    public KubernetesClient As(string user, string group = "") => new(Url, TlsAs(user, group));

    /// <summary>The same for another client.</summary>
    public SslClientAuthenticationOptions TlsAs(string user, string group)
    {
        string file = user.Replace(':', '-');
        Mint(file, user, group);
        SslClientAuthenticationOptions options = Tls();
        options.ClientCertificates = [X509Certificate2.CreateFromPemFile(_folder[file + ".crt"], _folder[file + ".key"])];
        return options;
    }

    /// <param name="certificate">Shown as it is; null for none.</param>
    public KubernetesClient With(X509Certificate2? certificate)
    {
        SslClientAuthenticationOptions options = Tls();
        options.ClientCertificates = certificate is null ? null : [certificate];
        return new KubernetesClient(Url, options);
    }

    public KubernetesClient WithToken(string token) => new(Url, Tls(), new Secret(token));

    /// <summary>What the agent's own certificate file would hold.</summary>
    public MutualTls TlsOf(string user)
    {
        string file = user.Replace(':', '-');
        Mint(file, user, "");
        return new MutualTls(_folder[file + ".crt"], _folder[file + ".key"], _files["/var/lib/bootstrapper/pki/kubernetes/ca.crt"], TimeProvider.System, DateTimeOffset.UnixEpoch);
    }

    public void Dispose()
    {
        foreach (Process program in Enumerable.Reverse(_programs))
        {
            program.Kill();
            program.WaitForExit();
            program.Dispose();
        }

        _folder.Dispose();
    }

    public override string ToString()
    {
        lock (_log)
        {
            string log = _log.ToString();
            return log[Math.Max(0, log.Length - 4000)..];
        }
    }

    private SslClientAuthenticationOptions Tls()
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(Authority.Certificate));
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using KubernetesClient client = Administrator.Connect();
            return (await client.FindAsync("/api/v1/namespaces/default", CancellationToken.None)) is not null
                && (await client.FindAsync("/api/v1/namespaces/kube-system", CancellationToken.None)) is not null
                && (await client.ListAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", "", CancellationToken.None)).Items.Any(role => role.Name == "system:node-proxier");
        }
        catch (KubernetesApiException)
        {
            return false;
        }
    }

    private static async Task<bool> IsSoAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (KubernetesApiException)
        {
            return false;
        }
    }

    private void Mint(string file, string user, string group)
    {
        using X509Certificate2 signer = X509Certificate2.CreateFromPem(Authority.Certificate, Authority.Key!.Reveal());
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(new X500DistinguishedName(group.Length == 0 ? $"CN={user}" : $"O={group}, CN={user}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using X509Certificate2 made = request.Create(signer, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(_folder[file + ".crt"], made.ExportCertificatePem() + "\n");
        File.WriteAllText(_folder[file + ".key"], key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private void Start(string path, string[] arguments, Dictionary<string, string> environment)
    {
        ProcessStartInfo start = new(path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        Process program = Process.Start(start)!;
        program.OutputDataReceived += Keep;
        program.ErrorDataReceived += Keep;
        program.BeginOutputReadLine();
        program.BeginErrorReadLine();
        _programs.Add(program);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }
}
