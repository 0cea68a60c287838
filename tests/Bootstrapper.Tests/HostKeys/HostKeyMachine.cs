using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Baker.Ssh;
using Images.Bootstrapper.HostKeys;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Ssh;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.HostKeys;

/// <summary>A node that says its host keys on a loopback address, and the folder with its cluster's secrets.</summary>
internal sealed class HostKeyMachine : IDisposable
{
    private readonly FakeMachine _node = new();
    private readonly TemporaryFolder _secrets = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly SampleMachine _machine;

    public HostKeyMachine(params string[] roles)
    {
        Address = $"127.{Random.Shared.Next(2, 250)}.{Random.Shared.Next(2, 250)}.1";
        _machine = new SampleMachine(roles, "1.36.0", Address);
        foreach ((string name, AuthorityPem authority) in _machine.Authorities)
        {
            File.WriteAllText(Path.Combine(Secrets, name + ".crt"), authority.Certificate);
        }

        MakeKeys();
    }

    public string Address { get; }

    public string Secrets => _secrets.FullPath;

    public CancellationToken Stop => _stop.Token;

    public NodeRoot Root => _node.Root;

    /// <summary>Another disk.</summary>
    public void BecomeAnother()
    {
        _node.Put("/etc/machine-id", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) + "\n");
        MakeKeys();
    }

    /// <summary>As sshd-keys.service does; those there are go.</summary>
    public void MakeKeys()
    {
        Directory.CreateDirectory(Root["/state/ssh"]);
        foreach (string type in new[] { "ed25519", "ecdsa" })
        {
            string path = KeyFile(type);
            File.Delete(path);
            File.Delete(path + ".pub");
            Judge.Run("ssh-keygen", "-q", "-t", type, "-N", "", "-C", "", "-f", path);
        }
    }

    public string KeyFile(string type) => Root[$"/state/ssh/ssh_host_{type}_key"];

    /// <summary>What a member of etcd or a master has.</summary>
    public void Mint(string certificate) =>
        new NodeCertificates(Root, _machine.State.Metadata.Node.Secrets, CertificateLife.Usual, TimeProvider.System, DateTimeOffset.UnixEpoch)
            .Ensure(CertificateCatalogue.Find(certificate, _machine.State));

    /// <summary>What masters give a kubelet that serves.</summary>
    public void GiveKubelet(DateTimeOffset? now = null) => Give(
        KubernetesNode.KubeletServingCertificate,
        new CertificatePlan
        {
            Name = "kubelet",
            Authority = ClusterSecrets.Kubernetes,
            Path = "",
            CommonName = "system:node:node1",
            Organization = "system:nodes",
            DnsNames = ["node1"],
            Addresses = [Address],
            Usage = CertificateUsage.Server,
            KeyOwner = "",
        },
        now ?? DateTimeOffset.UtcNow);

    /// <summary>What masters give an lb.</summary>
    public void GiveLb(string name) => Give(
        LbIdentity.Certificate,
        new CertificatePlan
        {
            Name = "lb",
            Authority = ClusterSecrets.Kubernetes,
            Path = "",
            CommonName = LbIdentity.UserOf(name),
            Organization = LbIdentity.Group,
            DnsNames = [],
            Addresses = [],
            Usage = CertificateUsage.Client,
            KeyOwner = "",
        },
        DateTimeOffset.UtcNow);

    public void Listen(string? at = null, Func<byte[]>? word = null, ConnectionLimits? limits = null)
    {
        HostKeyServer server = new(
            new IPEndPoint(IPAddress.Parse(at ?? Address), HostKeyWord.Port), new HostKeyCertificates(Root, _machine.State).Load,
            word ?? new HostKeyFiles(Root, _machine.State).Read, limits ?? new ConnectionLimits());
        _ = server.RunAsync(Stop);
    }

    public HostKeyClient Client(string? secrets = null, TimeSpan? patience = null) =>
        new(ClusterTrust.Read(secrets ?? Secrets), patience ?? TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _secrets.Dispose();
        _node.Dispose();
    }

    private void Give(string path, CertificatePlan plan, DateTimeOffset now)
    {
        AuthorityPem pem = _machine.Authorities[plan.Authority];
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(pem.Certificate, pem.Key);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateLife life = new() { Validity = TimeSpan.FromMinutes(30), Backdating = TimeSpan.FromMinutes(30) };
        using X509Certificate2 given = CertificateMint.Sign(plan, key, authority, life, now);
        _node.Put(path, given.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
