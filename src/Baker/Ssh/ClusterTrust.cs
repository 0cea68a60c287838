using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Ssh;

/// <summary>
/// By which certificate a machine of a role is believed: one that the cluster's authorities give to nobody who has not
/// that role. So root on a worker passes for no master, whatever DNS says.
/// </summary>
internal sealed class ClusterTrust
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>Stands in each API server's certificate, and in no other of its authority.</summary>
    private const string ApiService = "kubernetes.default.svc";

    /// <summary>Group of lbs, and with a colon before each one's user.</summary>
    private const string LbGroup = "images:lb";

    private const string Organization = "2.5.4.10";
    private const string CommonName = "2.5.4.3";

    private readonly X509Certificate2Collection _etcd;
    private readonly X509Certificate2Collection _kubernetes;

    private ClusterTrust(X509Certificate2Collection etcd, X509Certificate2Collection kubernetes) =>
        (_etcd, _kubernetes) = (etcd, kubernetes);

    /// <summary>Needs the certificates of two authorities and no key.</summary>
    /// <param name="secrets">The folder <c>secrets</c> of what <c>baker seed</c> was given as <c>--out</c>.</param>
    /// <exception cref="BakeException">They cannot be read.</exception>
    public static ClusterTrust Read(string secrets) => new(
        ReadAuthority(secrets, ClusterSecrets.EtcdClient), ReadAuthority(secrets, ClusterSecrets.Kubernetes));

    /// <param name="host">A name or an address, which the certificate must bear.</param>
    /// <param name="role">As what the machine is asked to prove itself.</param>
    /// <param name="refused">Told in words why it is not believed.</param>
    public SslClientAuthenticationOptions ForClient(string host, NodeRole role, Action<string> refused) => new()
    {
        TargetHost = NameOf(role),
        CertificateChainPolicy = Policy(role),
        RemoteCertificateValidationCallback = (_, shown, chain, errors) =>
        {
            string? fault = Fault(host, role, shown as X509Certificate2, chain, errors);
            if (fault is not null)
            {
                refused(fault);
            }

            return fault is null;
        },
    };

    /// <summary>What the machine is asked for, in TLS' place for the name of a server.</summary>
    public static string NameOf(NodeRole role) => role switch
    {
        NodeRole.Etcd => "etcd",
        NodeRole.Master => "master",
        NodeRole.Worker => "worker",
        _ => "lb",
    };

    private static X509Certificate2Collection ReadAuthority(string secrets, string name)
    {
        string path = Path.Combine(secrets, name + ".crt");
        try
        {
            X509Certificate2Collection authorities = [];
            authorities.ImportFromPemFile(path);
            return authorities.Count > 0 ? authorities : throw Unreadable(path, "it holds no certificate");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Unreadable(path, e.Message.TrimEnd('.'), e);
        }
    }

    private static BakeException Unreadable(string path, string why, Exception? inner = null) => new(
        "BAKE0850", path, $"cannot be read: {why}. By it machines are known.",
        "Name the folder that was given to 'baker seed' as --out, or give --known-hosts.", inner: inner);

    private X509ChainPolicy Policy(NodeRole role)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(role == NodeRole.Etcd ? _etcd : _kubernetes);
        policy.ApplicationPolicy.Add(new Oid(role == NodeRole.Lb ? ClientUsage : ServerUsage));
        return policy;
    }

    /// <summary>The name that TLS compares is the role's, so that fault is none; ours are compared here.</summary>
    private static string? Fault(
        string host, NodeRole role, X509Certificate2? shown, X509Chain? chain, SslPolicyErrors errors) =>
        shown is null ? "it shows no certificate"
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)
            ? chain?.ChainStatus.All(status => status.Status == X509ChainStatusFlags.NotTimeValid) == true
                ? $"its certificate is not valid at this time (from {shown.NotBefore:u} to {shown.NotAfter:u})"
                : $"its certificate as {NameOf(role)} is not of this cluster"
        : Names(shown, host, role) ? null
        : $"its certificate is not that of a machine {host} with the role {NameOf(role)}";

    private static bool Names(X509Certificate2 shown, string host, NodeRole role) => role switch
    {
        NodeRole.Etcd => Bears(shown, host),
        NodeRole.Master => Bears(shown, host) && Bears(shown, ApiService),
        // a kubelet's holds the name of its Node alone, which is the first label of the machine's
        NodeRole.Worker => Bears(shown, host) || (LabelOf(host) is { } label && Bears(shown, label)),
        // an lb's holds no address: behind one, any lb of the cluster is believed
        _ => IsLb(shown, LabelOf(host)),
    };

    private static bool Bears(X509Certificate2 shown, string host) =>
        shown.MatchesHostname(host, allowWildcards: false, allowCommonName: false);

    private static string? LabelOf(string host) => IPAddress.TryParse(host, out _) ? null : host.Split('.')[0];

    /// <param name="shown">By the machine.</param>
    /// <param name="label">The lb's name; null where it does not matter.</param>
    private static bool IsLb(X509Certificate2 shown, string? label)
    {
        (string? Type, string? Value)[] subject =
        [
            .. shown.SubjectName.EnumerateRelativeDistinguishedNames().Select(part => part.HasMultipleElements
                ? (null, null)
                : (part.GetSingleElementType().Value, part.GetSingleElementValue())),
        ];
        return subject.Length == 2
            && subject.Contains((Organization, LbGroup))
            && subject.Any(part => part.Type == CommonName
                && (label is null
                    ? part.Value!.StartsWith($"{LbGroup}:", StringComparison.Ordinal)
                    : part.Value == $"{LbGroup}:{label}"));
    }
}
