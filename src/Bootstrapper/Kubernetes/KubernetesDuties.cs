using System.Net;
using Images.Bootstrapper.Agent;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.AddOns;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Kubernetes.ClusterDns;
using Images.Bootstrapper.Kubernetes.Joining;
using Images.Bootstrapper.Kubernetes.NodeRoles;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Kubernetes;

/// <summary>What the agent does for Kubernetes: the one list of it.</summary>
internal sealed class KubernetesDuties
{
    private const string AccessRules = "/etc/kubernetes/access.yaml";
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);

    private readonly NodeRoot _root;
    private readonly NodeState _state;
    private readonly TimeProvider _time;
    private readonly Action<string> _report;
    private readonly KubernetesNode _node;
    private readonly ClusterAccess _access;
    private readonly Lock _gate = new();
    private string _said = "";
    /// <param name="state">Who it is.</param>
    /// <param name="report">Told in words what is done and what fails.</param>
    /// <param name="time">Of pauses and certificates.</param>
    public KubernetesDuties(NodeRoot root, NodeState state, Action<string> report, TimeProvider time)
    {
        (_root, _state, _report, _time) = (root, state, report, time);
        _node = new KubernetesNode(root, state, time);
        _access = new ClusterAccess(_node.ConnectAsAdministrator, ReadAccessRules, _node.Tokens, Say, time);
    }

    /// <summary>Masters without the role worker run no pods, but take part in their network.</summary>
    private bool IsOfCluster => _node.IsMaster || _node.IsWorker;

    /// <summary>Those of this machine's roles; a machine of several roles has each of them once.</summary>
    public IReadOnlyList<AgentDuty> All() =>
    [
        .. IsOfCluster ? [new AgentDuty("cloud metadata guard", GuardCloudMetadataAsync)] : Array.Empty<AgentDuty>(),
        .. _node.IsMaster ? OfMasters() : [],
        .. _node.IsWorker ? OfWorkers() : [],
        .. IsOfCluster && _node.Settings.Network != PodNetwork.Cni
            ? [new AgentDuty("pods' network", RoutePodsAsync)]
            : Array.Empty<AgentDuty>(),
    ];

    /// <summary>All but the first wait for it: before, nobody but an administrator may do anything.</summary>
    private AgentDuty[] OfMasters() =>
    [
        new("access rules", ApplyAccessAsync),
        new("certificates of kubelets", AfterAccess(new CsrApproval(
            _node.ConnectAsMaster, _node.Watches(KubernetesNode.Worker), new CsrClaimClient(),
            new ReservedNames(_state), BootstrapToken.GroupOf(KubernetesNode.Worker), Say, _time).RunAsync)),
        new("roles of Nodes", AfterAccess(new NodeRoleLabels(
            _node.ConnectAsMaster,
            _state.ImageRoles.Roles.ToDictionary(
                role => role.Role, role => _node.Watches(role.Role), StringComparer.Ordinal),
            Say, _time).RunAsync)),
        new("add-ons", AfterAccess(new AddOnDuty(
            _node.ConnectAsAdministrator, () => AddOnSet.Read(_root), _node.Name, Say, _time).RunAsync)),
    ];

    private AgentDuty[] OfWorkers() =>
    [
        new("the kubelet's first certificate", new KubeletJoin(
            _root, _node.Name, _node.ConnectByToken, _node.IsOfCluster, () => _node.Now,
            RestartKubeletAsync, Say, _time).RunAsync),
        new("word for the kubelet's request", new CsrClaimServer(
            new IPEndPoint(IPAddress.Parse(_state.Identity.Address), CsrClaim.Port), _node.Name,
            _root[KubernetesNode.KubeletRequestKey], _time).RunAsync),
        .. _node.Settings.Dns == ClusterDnsServer.Node
            ? [new AgentDuty("cluster DNS", AfterJoining(new ClusterDnsDuty(
                _node.Settings.ClusterDomain, _root[ClusterDnsDuty.Records], _node.ConnectAsWorker,
                ClusterDnsDuty.ReadAgainAsync, Say, _time).RunAsync))]
            : Array.Empty<AgentDuty>(),
    ];

    private static Task RestartKubeletAsync(CancellationToken cancellationToken) =>
        CommandRunner.RunAsync("systemctl", ["try-restart", "--no-block", "kubelet.service"], cancellationToken);

    private async Task ApplyAccessAsync(CancellationToken cancellationToken)
    {
        await FileAsync(AccessRules, cancellationToken);
        await _access.RunAsync(cancellationToken);
    }

    private IReadOnlyList<KubernetesObject> ReadAccessRules() =>
        ManifestReader.Read(File.ReadAllText(_root[AccessRules]), AccessRules);

    private Func<CancellationToken, Task> AfterAccess(Func<CancellationToken, Task> duty) => async cancellationToken =>
    {
        await _access.Applied.WaitAsync(cancellationToken);
        await duty(cancellationToken);
    };

    /// <summary>For what shows the kubelet's certificate.</summary>
    private Func<CancellationToken, Task> AfterJoining(Func<CancellationToken, Task> duty) => async cancellationToken =>
    {
        await FileAsync(KubernetesNode.KubeletCertificate, cancellationToken);
        await duty(cancellationToken);
    };

    /// <summary>
    /// Waits for nothing: pods may run before this machine reaches the API, and in every mode of their network.
    /// </summary>
    private Task GuardCloudMetadataAsync(CancellationToken cancellationToken) =>
        new CloudMetadataGuard(
            new PacketFilter(CommandRunner.RunAsync), () => File.WriteAllText(_root[NodePaths.PodsGuarded], ""),
            Say, _time).RunAsync(cancellationToken);

    private Task RoutePodsAsync(CancellationToken cancellationToken)
    {
        PodRoutingSettings settings = new()
        {
            Mode = _node.Settings.Network == PodNetwork.Overlay ? PodRoutingMode.Overlay : PodRoutingMode.Routed,
            Address = IPAddress.Parse(_state.Identity.Address),
            PodNetwork = _node.Settings.PodCidr,
        };
        IReadOnlyList<PeerWatch> peers =
            [.. _node.Watches(KubernetesNode.Worker), .. _node.Watches(KubernetesNode.Master)];
        Func<KubernetesClient> connect = _node.IsMaster ? _node.ConnectAsMaster : _node.ConnectAsWorker;
        PodRoutingDuty duty = new(
            settings, connect, peers, new PodRouter(CommandRunner.RunAsync), WritePodFiles, Say, _time);
        return (_node.IsMaster ? AfterAccess(duty.RunAsync) : AfterJoining(duty.RunAsync))(cancellationToken);
    }

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
                    Say($"pods of this machine have addresses of {share}: {file.Path} is written");
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

    /// <summary>Several duties that ask one server have the same to say of it.</summary>
    private void Say(string line)
    {
        lock (_gate)
        {
            if (line == _said)
            {
                return;
            }

            _said = line;
        }

        _report(line);
    }
}
