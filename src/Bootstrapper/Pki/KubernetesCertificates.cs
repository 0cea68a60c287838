using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// What a master's programs show. To Kubernetes the common name is a user; none of them is in a group, least of all
/// system:masters, so each may do what RBAC lets its user do and no more. Workers that are no masters have nothing
/// here: their certificates come from the API.
/// </summary>
internal static class KubernetesCertificates
{
    /// <summary>In the certificate of each API server, and of nobody else.</summary>
    public const string ApiService = "kubernetes.default.svc";

    private const string Folder = NodePaths.Pki + "/kubernetes";
    private const string Bundle = Folder + "/ca.crt";
    private const string Loopback = "127.0.0.1";
    private const string OfApiServer = "root:kube-apiserver";
    private const string OfControllerManager = "root:kube-controller-manager";
    private const string OfScheduler = "root:kube-scheduler";
    private const string OfRoot = "root:root";

    public static CertificatePlan? Find(
        string name, NodeIdentity identity, KubernetesSettings kubernetes, RoleNames names) => name switch
        {
            CertificateCatalogue.ApiServer => ApiServer(identity, kubernetes, names),
            CertificateCatalogue.ApiServerEtcdClient =>
                Client(name, $"{identity.Hostname} kube-apiserver", OfApiServer) with
                {
                    Authority = ClusterSecrets.EtcdClient,
                    BundlePath = Folder + "/etcd-ca.crt",
                },
            CertificateCatalogue.ApiServerKubeletClient => Client(name, "kube-apiserver-kubelet-client", OfApiServer),
            CertificateCatalogue.FrontProxyClient => Client(name, "front-proxy-client", OfApiServer) with
            {
                Authority = ClusterSecrets.FrontProxy,
                BundlePath = Folder + "/front-proxy-ca.crt",
            },
            CertificateCatalogue.ControllerManager =>
                Client(name, "system:kube-controller-manager", OfControllerManager),
            CertificateCatalogue.ControllerManagerServing =>
                Local(name, "kube-controller-manager", OfControllerManager, identity),
            CertificateCatalogue.Scheduler => Client(name, "system:kube-scheduler", OfScheduler),
            CertificateCatalogue.SchedulerServing => Local(name, "kube-scheduler", OfScheduler, identity),
            CertificateCatalogue.Proxy => Client(name, "system:kube-proxy", OfRoot),
            CertificateCatalogue.MastersAgent => Client(name, "images:masters-agent", OfRoot),
            _ => null,
        };

    /// <summary>Of a master that is a worker too; others' come from the API.</summary>
    public static CertificatePlan Kubelet(string node) =>
        Client("kubelet", $"system:node:{node}", OfRoot) with { Organization = "system:nodes" };

    /// <summary>What a machine itself is called, apart from its roles; as a Node, too.</summary>
    public static IReadOnlyList<string> MachineNames(NodeIdentity identity, KubernetesSettings kubernetes) =>
    [
        identity.Hostname,
        $"{identity.Hostname}.{identity.Cluster}.{identity.Domain}",
        .. kubernetes.NodeName is { } name ? [name] : Array.Empty<string>(),
    ];

    /// <summary>
    /// Whatever the metadata says of the endpoint, all names and addresses by which the API may be reached: another
    /// choice needs no other certificate.
    /// </summary>
    private static CertificatePlan ApiServer(
        NodeIdentity identity, KubernetesSettings kubernetes, RoleNames names) =>
        Local(CertificateCatalogue.ApiServer, "kube-apiserver", OfApiServer, identity) with
        {
            DnsNames =
            [
                .. new[]
                {
                    "kubernetes",
                    "kubernetes.default",
                    ApiService,
                    $"{ApiService}.{kubernetes.ClusterDomain}",
                    "localhost",
                    names.HostOf(RoleNames.Master),
                    names.HostOf(RoleNames.Lb),
                }.Concat(kubernetes.ApiNames)
                    .Concat(MachineNames(identity, kubernetes))
                    .Distinct(StringComparer.Ordinal),
            ],
            Addresses =
            [
                .. new[] { identity.Address, Loopback, kubernetes.ApiServiceAddress.ToString() }
                    .Concat(kubernetes.Vip.All.Select(address => address.ToString()))
                    .Distinct(StringComparer.Ordinal),
            ],
        };

    /// <summary>For a server that only this machine asks.</summary>
    private static CertificatePlan Local(string name, string commonName, string owner, NodeIdentity identity) =>
        Client(name, commonName, owner) with
        {
            DnsNames = [.. new[] { "localhost", identity.Hostname }.Distinct(StringComparer.Ordinal)],
            Addresses = [Loopback],
            Usage = CertificateUsage.Server,
        };

    private static CertificatePlan Client(string name, string commonName, string owner) => new()
    {
        Name = name,
        Authority = ClusterSecrets.Kubernetes,
        Path = $"{Folder}/{name}",
        BundlePath = Bundle,
        CommonName = commonName,
        DnsNames = [],
        Addresses = [],
        Usage = CertificateUsage.Client,
        KeyOwner = owner,
    };
}
