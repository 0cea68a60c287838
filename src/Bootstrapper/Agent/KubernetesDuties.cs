using System.Net;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.AddOns;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Kubernetes.ClusterDns;
using Images.Bootstrapper.Kubernetes.Draining;
using Images.Bootstrapper.Kubernetes.Forgetting;
using Images.Bootstrapper.Kubernetes.Joining;
using Images.Bootstrapper.Kubernetes.NodeRoles;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.LoadBalancing.ServiceAddresses;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Agent;

/// <summary>How the duties for Kubernetes are put together; <see cref="DutyList"/> says whose they are.</summary>
internal sealed class KubernetesDuties
{
    private const string AccessRules = "/etc/kubernetes/access.yaml";

    /// <summary>Not there where the image's Kubernetes has no such policies, or the metadata no pool.</summary>
    private static readonly string[] _bounds =
        ["/etc/kubernetes/bounds.yaml", "/etc/kubernetes/bounds-services.yaml"];

    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _openPause = TimeSpan.FromSeconds(10);

    private readonly NodeRoot _root;
    private readonly NodeState _state;
    private readonly TimeProvider _time;
    private readonly Narrator _narrator;
    private readonly PeerDirectory _peers;
    private readonly KubernetesNode _node;
    private readonly ClusterAccess _access;

    /// <param name="state">Who it is.</param>
    /// <param name="peers">Where machines of a role are.</param>
    /// <param name="narrator">Told in words what is done and what fails.</param>
    /// <param name="time">Of pauses and certificates.</param>
    public KubernetesDuties(
        NodeRoot root, NodeState state, PeerDirectory peers, Narrator narrator, TimeProvider time)
    {
        (_root, _state, _peers, _narrator, _time) = (root, state, peers, narrator, time);
        _node = new KubernetesNode(root, state, time);
        _access = new ClusterAccess(
            _node.ConnectAsAdministrator, ReadAccessRules, ReadBounds, _node.Tokens, narrator, time);
    }

    /// <summary>
    /// Waits for nothing: pods may run before this machine reaches the API, and in every mode of their network.
    /// </summary>
    public Task GuardCloudMetadataAsync(CancellationToken cancellationToken) =>
        new CloudMetadataGuard(
            new PacketFilter(CommandRunner.RunAsync), MetadataAddress.Of(Platform.Of(_root)),
            CloudMetadataGuard.Services, () => File.WriteAllText(_root[NodePaths.PodsGuarded], ""), _narrator, _time)
            .RunAsync(cancellationToken);

    /// <summary>The other duties of masters wait for it: before, nobody but an administrator may do anything.</summary>
    public async Task ApplyAccessAsync(CancellationToken cancellationToken)
    {
        await FileAsync(AccessRules, cancellationToken);
        await _access.RunAsync(cancellationToken);
    }

    public async Task ApproveCertificatesAsync(CancellationToken cancellationToken)
    {
        await _access.Applied.WaitAsync(cancellationToken);
        CsrApproval approval = new(
            _node.ConnectAsMaster, _peers.AllOf(KubernetesNode.Worker), new CsrClaimClient(),
            new ReservedNames(_state), BootstrapToken.GroupOf(KubernetesNode.Worker), _narrator, _time);
        await approval.RunAsync(cancellationToken);
    }

    public async Task ApproveLbsAsync(CancellationToken cancellationToken)
    {
        await _access.Applied.WaitAsync(cancellationToken);
        LbApproval approval = new(
            _node.ConnectAsMaster, limit => _peers.MachinesOfAsync(RoleNames.Lb, limit), new CsrClaimClient(),
            BootstrapToken.GroupOf(RoleNames.Lb), _narrator, _time);
        await approval.RunAsync(cancellationToken);
    }

    public async Task AllotServiceAddressesAsync(CancellationToken cancellationToken)
    {
        await _access.Applied.WaitAsync(cancellationToken);
        await new AllotmentDuty(
            _node.ConnectAsMaster, _state.Metadata.Node.Lb.Pool, _state.Identity.Hostname, TakenAsync, _narrator, _time)
            .RunAsync(cancellationToken);

        async Task<IReadOnlySet<string>> TakenAsync(CancellationToken limit)
        {
            HashSet<string> taken = new(StringComparer.Ordinal);
            foreach (RoleDefinition role in _state.ImageRoles.Roles)
            {
                taken.UnionWith((await _peers.MachinesOfAsync(role.Role, limit)).Addresses);
            }

            return taken;
        }
    }

    public Task JoinAsLbAsync(CancellationToken cancellationToken) =>
        new LbJoin(
            _root, LbIdentity.UserOf(_state.Identity.Hostname), _node.ConnectByToken, _node.ConnectAsLb,
            _node.IsOfCluster, () => _node.Now, _narrator, _time).RunAsync(cancellationToken);

    public Task GiveWordOfLbAsync(CancellationToken cancellationToken) =>
        new CsrClaimServer(
            new IPEndPoint(IPAddress.Parse(_state.Identity.Address), CsrClaim.Port),
            LbIdentity.UserOf(_state.Identity.Hostname), _root[LbIdentity.RequestKey], _time)
            .RunAsync(cancellationToken);

    public async Task LabelNodesAsync(CancellationToken cancellationToken)
    {
        await _access.Applied.WaitAsync(cancellationToken);
        Dictionary<string, IReadOnlyList<PeerWatch>> roles = _state.ImageRoles.Roles.ToDictionary(
            role => role.Role, role => _peers.AllOf(role.Role), StringComparer.Ordinal);
        RoleHolders holders = new(_node.RoleServers(), new CsrClaimClient());
        await new NodeRoleLabels(_node.ConnectAsMaster, roles, holders.AskAsync, _narrator, _time)
            .RunAsync(cancellationToken);
    }

    public async Task ApplyAddOnsAsync(CancellationToken cancellationToken)
    {
        await _access.Applied.WaitAsync(cancellationToken);
        AddOnDuty duty = new(_node.ConnectAsAdministrator, () => AddOnSet.Read(_root), _node.Name, _narrator, _time);
        await duty.RunAsync(cancellationToken);
    }

    /// <summary>Where the metadata gives no time, nothing is ever forgotten, and this duty is nobody's.</summary>
    public async Task ForgetNodesAsync(CancellationToken cancellationToken)
    {
        await _access.Applied.WaitAsync(cancellationToken);
        NodeForgetting duty = new(
            _node.ConnectAsAdministrator, _peers.AllOf(KubernetesNode.Worker),
            _node.Settings.ForgetAfter ?? TimeSpan.MaxValue, _node.Name, _narrator, _time);
        await duty.RunAsync(cancellationToken);
    }

    /// <summary>The Node that the machine closed when it stopped takes pods again.</summary>
    public async Task OpenNodeAsync(CancellationToken cancellationToken)
    {
        await FileAsync(KubernetesNode.KubeletCertificate, cancellationToken);
        GrowingPause pause = new(_openPause, _time);
        NodeDrain drain = new(_node.Name, _node.ConnectAsWorker, _narrator, _time);
        while (true)
        {
            try
            {
                await drain.OpenAsync(cancellationToken);
                break;
            }
            catch (Exception e) when (e is KubernetesApiException or IOException)
            {
                await pause.WaitAsync(cancellationToken);
            }
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken); // once a start is enough
    }

    public Task JoinAsync(CancellationToken cancellationToken) =>
        new KubeletJoin(
            _root, _node.Name, _node.Settings.Token?.Id ?? "", _node.ConnectByToken, _node.IsOfCluster, () => _node.Now,
            RestartKubeletAsync, _node.IsMaster ? _node.SignOwn : null, _narrator, _time).RunAsync(cancellationToken);

    public Task GiveWordAsync(CancellationToken cancellationToken) =>
        new CsrClaimServer(
            new IPEndPoint(IPAddress.Parse(_state.Identity.Address), CsrClaim.Port), _node.Name,
            _root[KubernetesNode.KubeletRequestKey], _time).RunAsync(cancellationToken);

    public async Task WatchRenewalAsync(CancellationToken cancellationToken)
    {
        await FileAsync(KubernetesNode.KubeletCertificate, cancellationToken);
        KubeletRenewal renewal = new(
            _root, _node.Name, _state.Identity.Address, _peers.AllOf(KubernetesNode.Worker), _node.ConnectAsWorker,
            () => _node.Now, _narrator, _time);
        await renewal.RunAsync(cancellationToken);
    }

    public async Task NameServicesAsync(CancellationToken cancellationToken)
    {
        await FileAsync(KubernetesNode.KubeletCertificate, cancellationToken);
        ClusterDnsSettings names = new(
            _node.Settings.ClusterDomain, [_node.Settings.ServiceCidr, _node.Settings.PodCidr]);
        ClusterDnsDuty duty = new(
            names, _root[ClusterDnsDuty.Records], _root[ClusterDnsDuty.Zone], _node.ConnectAsWorker,
            ClusterDnsDuty.ReadAgainAsync, _narrator, _time);
        await duty.RunAsync(cancellationToken);
    }

    public async Task RoutePodsAsync(CancellationToken cancellationToken)
    {
        // what may ask the API: the agent's own user on a master, the kubelet's certificate elsewhere
        await (_node.IsMaster
            ? _access.Applied.WaitAsync(cancellationToken)
            : FileAsync(KubernetesNode.KubeletCertificate, cancellationToken));
        PodRoutingSettings settings = new()
        {
            Mode = _node.Settings.Network == PodNetwork.Overlay ? PodRoutingMode.Overlay : PodRoutingMode.Routed,
            Address = IPAddress.Parse(_state.Identity.Address),
            PodNetwork = _node.Settings.PodCidr,
        };
        IReadOnlyList<PeerWatch> peers =
            [.. _peers.AllOf(KubernetesNode.Worker), .. _peers.AllOf(KubernetesNode.Master)];
        Func<KubernetesClient> connect = _node.IsMaster ? _node.ConnectAsMaster : _node.ConnectAsWorker;
        PodRoutingDuty duty = new(
            settings, connect, peers, new PodRouter(CommandRunner.RunAsync), WritePodFiles, _narrator, _time);
        await duty.RunAsync(cancellationToken);
    }

    private static Task RestartKubeletAsync(CancellationToken cancellationToken) =>
        CommandRunner.RunAsync("systemctl", ["try-restart", "--no-block", "kubelet.service"], cancellationToken);

    private IReadOnlyList<KubernetesObject> ReadAccessRules() =>
        ManifestReader.Read(File.ReadAllText(_root[AccessRules]), AccessRules);

    private IReadOnlyList<KubernetesObject> ReadBounds() =>
    [
        .. _bounds.Where(path => File.Exists(_root[path]))
            .SelectMany(path => ManifestReader.Read(File.ReadAllText(_root[path]), path)),
    ];

    /// <summary>The files that waited for this machine's share of the pods' network.</summary>
    private void WritePodFiles(string share, int mtu)
    {
        ServiceFiles files = new(_root);
        foreach ((RoleDefinition role, RoleService service) in ServiceFiles.Services(_state))
        {
            foreach (ServiceFile file in service.Files.Where(file => file.When == ServiceFile.WhenPodCidr))
            {
                TemplateValues values = NodeValues.WithPodNetwork(
                    NodeValues.For(_state, service, new Dictionary<string, PeerSet>(StringComparer.Ordinal)),
                    share, mtu);
                if (files.Write(role, [file], values))
                {
                    _narrator.Say($"pods of this machine have addresses of {share}: {file.Path} is written");
                }
            }
        }
    }

    private async Task FileAsync(string path, CancellationToken cancellationToken)
    {
        GrowingPause pause = new(_longestPause, _time);
        while (!File.Exists(_root[path]))
        {
            await pause.WaitAsync(cancellationToken);
        }
    }
}
