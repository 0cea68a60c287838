using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Tests.Pki;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>A real kube-apiserver, the one that a bake has built, over a real etcd, on an address of the loopback network.</summary>
internal sealed class TestApiServer : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private readonly List<Process> _programs = [];
    private readonly ClusterAuthority _authority = TestAuthority.Create("kubernetes", DateTimeOffset.UtcNow.AddHours(-1));

    public TestApiServer()
    {
        File.WriteAllText(_folder["ca.crt"], _authority.Certificate);
        Mint("server", "kube-apiserver", "", Address);
        using ECDsa accounts = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder["accounts.key"], accounts.ExportECPrivateKeyPem());
        File.WriteAllText(_folder["accounts.pub"], accounts.ExportSubjectPublicKeyInfoPem());
    }

    public string Address { get; } = $"127.{Random.Shared.Next(2, 250)}.{Random.Shared.Next(2, 250)}.1";

    public string Url => $"https://{Address}:6443";

    public AdministratorAccess Administrator => new(Url, _authority, () => Tls(), () => DateTimeOffset.UtcNow);

    public async Task StartAsync()
    {
        Start(Judge.Find("etcd"), "--data-dir", _folder["etcd"], "--listen-client-urls", $"http://{Address}:2379", "--advertise-client-urls", $"http://{Address}:2379",
            "--listen-peer-urls", $"http://{Address}:2380", "--unsafe-no-fsync", "--log-level", "error");
        Start(Path.Combine(KubernetesPrograms.Folder, "kube-apiserver"),
            $"--bind-address={Address}", $"--advertise-address=192.0.2.1", "--secure-port=6443", $"--etcd-servers=http://{Address}:2379",
            $"--tls-cert-file={_folder["server.crt"]}", $"--tls-private-key-file={_folder["server.key"]}", $"--client-ca-file={_folder["ca.crt"]}",
            "--anonymous-auth=false", "--authorization-mode=Node,RBAC", "--enable-bootstrap-token-auth=true", "--enable-admission-plugins=NodeRestriction",
            "--service-account-issuer=https://kubernetes.default.svc", $"--service-account-key-file={_folder["accounts.pub"]}",
            $"--service-account-signing-key-file={_folder["accounts.key"]}", "--service-cluster-ip-range=10.32.0.0/24", $"--cert-dir={_folder["unused"]}");
        DateTimeOffset end = DateTimeOffset.UtcNow + _patience;
        while (!await IsReadyAsync())
        {
            (DateTimeOffset.UtcNow < end && _programs.All(program => !program.HasExited)).ShouldBeTrue(ToString());
            await Task.Delay(200);
        }
    }

    /// <summary>As a user with a certificate of the cluster's authority.</summary>
    public KubernetesClient As(string user, string group = "")
    {
        string file = user.Replace(':', '-');
        Mint(file, user, group);
        SslClientAuthenticationOptions options = Tls();
        options.ClientCertificates = [X509Certificate2.CreateFromPemFile(_folder[file + ".crt"], _folder[file + ".key"])];
        return new KubernetesClient(Url, options);
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
        return new MutualTls(_folder[file + ".crt"], _folder[file + ".key"], _folder["ca.crt"], TimeProvider.System, DateTimeOffset.UnixEpoch);
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
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(_authority.Certificate));
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

    private void Mint(string file, string user, string group, string? address = null)
    {
        using X509Certificate2 signer = X509Certificate2.CreateFromPem(_authority.Certificate, _authority.Key!.Reveal());
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(new X500DistinguishedName(group.Length == 0 ? $"CN={user}" : $"O={group}, CN={user}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2"), new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        if (address is not null)
        {
            SubjectAlternativeNameBuilder names = new();
            names.AddIpAddress(System.Net.IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
        }

        using X509Certificate2 made = request.Create(signer, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(_folder[file + ".crt"], made.ExportCertificatePem() + "\n");
        File.WriteAllText(_folder[file + ".key"], key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private void Start(string path, params string[] arguments)
    {
        Process program = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
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
