using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Kubernetes.NodeRoles;
using Images.Bootstrapper.Pki;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Kubernetes;

/// <summary>Who a machine with the role master or worker is to the Kubernetes API, and where it asks.</summary>
internal sealed class KubernetesNode(NodeRoot root, NodeState state, TimeProvider time)
{
    public const string Master = RoleNames.Master;
    public const string Worker = RoleNames.Worker;

    /// <summary>The newest certificate of the kubelet with its key, a link that the kubelet replaces.</summary>
    public const string KubeletCertificate = "/var/lib/kubelet/pki/kubelet-client-current.pem";

    /// <summary>The same of what it shows as a server.</summary>
    public const string KubeletServingCertificate = "/var/lib/kubelet/pki/kubelet-server-current.pem";

    /// <summary>The key of the kubelet's first certificate as long as it is asked for.</summary>
    public const string KubeletRequestKey = "/var/lib/kubelet/pki/kubelet-client.key.tmp";

    private const string OwnServer = "https://127.0.0.1:6443";

    private readonly ClusterTls _tls = new(root, state, time);

    public bool IsMaster => Has(Master);

    public bool IsWorker => Has(Worker);

    public KubernetesSettings Settings => state.Metadata.Node.Kubernetes;

    /// <summary>Under which the kubelet registers.</summary>
    public string Name => NameOf(state);

    /// <summary>
    /// A master at its own API server as one who may do everything; for the first steps of a cluster.
    /// </summary>
    public KubernetesClient ConnectAsAdministrator() =>
        new AdministratorAccess(
            OwnServer, SignerOf(state.Metadata.Node),
            () => _tls.ForClient("127.0.0.1", ClusterSecrets.Kubernetes, certificate: null),
            () => Now).Connect();

    /// <summary>
    /// A master's certificate for the kubelet that runs on it, as long-lived as those that it gives others.
    /// </summary>
    public X509Certificate2 SignOwn(ECDsa key)
    {
        ClusterAuthority signer = SignerOf(state.Metadata.Node);
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(signer.Certificate, signer.Key!.Reveal());
        return CertificateMint.Sign(
            KubernetesCertificates.Kubelet(Name), key, authority,
            new CertificateLife { Validity = CertificateLife.ValidityOfKubelets(state.Metadata.Node) }, Now);
    }

    /// <summary>A master at its own API server as images:masters-agent.</summary>
    public KubernetesClient ConnectAsMaster() =>
        new KubernetesAccess(
            OwnServer,
            host => _tls.ForClient(host, ClusterSecrets.Kubernetes, _tls.Own(CertificateCatalogue.MastersAgent)))
            .Connect();

    /// <summary>
    /// A master as one of its own services: at its own API server, and behind that at whichever of the cluster answers.
    /// </summary>
    /// <param name="certificate">One of <see cref="CertificateCatalogue"/>, which the service shows.</param>
    public IEnumerable<Func<KubernetesClient>> ConnectAsService(string certificate) =>
        new[] { OwnServer, EndpointOf(state) }.Select<string, Func<KubernetesClient>>(server => new KubernetesAccess(
            server, host => _tls.ForClient(host, ClusterSecrets.Kubernetes, _tls.Own(certificate))).Connect);

    /// <summary>A worker at the cluster's endpoint as its Node, with the kubelet's certificate.</summary>
    /// <exception cref="IOException">It is not there (yet).</exception>
    public KubernetesClient ConnectAsWorker() =>
        new KubernetesAccess(
            EndpointOf(state),
            host => _tls.ForClient(
                host, ClusterSecrets.Kubernetes, ClusterTls.Load(root[KubeletCertificate], root[KubeletCertificate])))
            .Connect();

    /// <summary>An lb at the masters, with its own certificate.</summary>
    /// <exception cref="IOException">It is not there (yet).</exception>
    public KubernetesClient ConnectAsLb() =>
        new KubernetesAccess(
            EndpointOfToken,
            host => _tls.ForClient(
                host,
                ClusterSecrets.Kubernetes,
                ClusterTls.Load(root[LbIdentity.Certificate], root[LbIdentity.Certificate])))
            .Connect();

    /// <summary>How a master asks API servers whether they are ready.</summary>
    public SslClientAuthenticationOptions TlsAsMaster() => _tls.ForClient(
        ApiHost(state), ClusterSecrets.Kubernetes, _tls.Own(CertificateCatalogue.MastersAgent));

    /// <summary>How an lb asks, which without a certificate is told at least that somebody is there.</summary>
    public SslClientAuthenticationOptions TlsAsNobody() =>
        _tls.ForClient(ApiHost(state), ClusterSecrets.Kubernetes, certificate: null);

    /// <summary>
    /// A worker or lb as one who has nothing but the bootstrap token. An lb asks the masters, for it is not there for
    /// itself.
    /// </summary>
    public KubernetesClient ConnectByToken() => new(
        EndpointOfToken,
        _tls.ForClient(new Uri(EndpointOfToken).Host, ClusterSecrets.Kubernetes, certificate: null),
        Settings.Token?.Text ?? throw new BootFailure(
            "NODE0304", "node.kubernetes.token", "it is missing, and a worker needs one",
            "make the seed again from the cluster's secrets"));

    private string EndpointOfToken => IsWorker
        ? EndpointOf(state)
        : $"https://{ApiHost(state)}:{KubernetesSettings.ApiPort}";

    /// <summary>
    /// Whether a kubelet's certificate comes from an authority that the metadata names still: masters refuse any other.
    /// </summary>
    public bool IsOfCluster(X509Certificate2 certificate) => _tls.IsOf(ClusterSecrets.Kubernetes, certificate);

    /// <summary>The time that counts for certificates.</summary>
    public DateTimeOffset Now => NodeCertificates.Of(root, state, CertificateLife.Usual, time).Now;

    /// <summary>The tokens of the metadata that have not expired, as the API keeps them.</summary>
    public IReadOnlyList<JsonObject> Tokens() =>
    [
        .. Settings.Tokens.Where(token => token.Expires is not DateTimeOffset end || end > Now)
            .Select(token => TokenSecret.For(token.Id, token.Secret.Reveal(), token.AuthenticatedGroup, token.Expires)),
    ];

    /// <summary>By whose certificates masters and members of etcd are known to a master.</summary>
    public IReadOnlyDictionary<string, RoleServer> RoleServers() => new Dictionary<string, RoleServer>(
        StringComparer.Ordinal)
    {
        [Master] = new(
            KubernetesSettings.ApiPort,
            address => _tls.ForClient(address, ClusterSecrets.Kubernetes, certificate: null),
            KubernetesCertificates.ApiService),
        [EtcdAgent.Role] = new(
            EtcdPaths.ClientPort,
            address => _tls.ForClient(
                address, ClusterSecrets.EtcdClient, _tls.Own(CertificateCatalogue.ApiServerEtcdClient)),
            RoleNames.Of(state).HostOf(EtcdAgent.Role)),
    };

    /// <summary>The authority by whose key a master signs.</summary>
    /// <exception cref="BootFailure">The metadata have none.</exception>
    public static ClusterAuthority SignerOf(NodeSettings node) =>
        node.Secrets[ClusterSecrets.Kubernetes].FirstOrDefault(candidate => candidate.Key is not null)
            ?? throw new BootFailure(
                "NODE0302", "node.pki.kubernetes", "no authority has its key, and a master needs one",
                "make the seed again from the cluster's secrets");

    public static string NameOf(NodeState state) => state.Metadata.Node.Kubernetes.NodeName ?? state.Identity.Hostname;

    /// <summary>
    /// Where this machine finds the API: a worker at its own forwarder, which goes on where a master ends.
    /// </summary>
    public static string EndpointOf(NodeState state) =>
        state.Identity.Roles.Contains(Worker, StringComparer.Ordinal) && !state.Metadata.Node.IsSingle
            ? $"https://127.0.0.1:{LbPorts.ApiForwarder}"
            : PublicEndpointOf(state);

    /// <summary>Where the metadata says that others find it.</summary>
    public static string PublicEndpointOf(NodeState state)
    {
        KubernetesSettings settings = state.Metadata.Node.Kubernetes;
        IPAddress? address = settings.Endpoint switch
        {
            ApiEndpoint.Vip => settings.Vip.Masters,
            ApiEndpoint.Lb => settings.Vip.Lb,
            _ => null,
        };
        return $"https://{address?.ToString() ?? ApiHost(state)}:{KubernetesSettings.ApiPort}";
    }

    /// <summary>A name that every API server's certificate bears: that of all masters in DNS.</summary>
    public static string ApiHost(NodeState state) => RoleNames.Of(state).HostOf(Master);

    private bool Has(string role) => state.Identity.Roles.Contains(role, StringComparer.Ordinal);
}
