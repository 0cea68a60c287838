using System.Text;
using System.Text.Json;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Identity;

/// <summary>
/// Everything that was decided about this machine, as <c>boot</c> persisted it: what <c>prepare</c> and
/// <c>agent</c> work from.
/// </summary>
internal sealed record NodeState
{
    private const string EtcdRole = "etcd";

    public required NodeIdentity Identity { get; init; }

    public required NodeMetadata Metadata { get; init; }

    /// <summary>All roles of the image; the machine's own are named by the identity.</summary>
    public required CompiledRoles ImageRoles { get; init; }

    /// <summary>Of a node in a container.</summary>
    public LauncherWords Launcher { get; init; } = LauncherWords.None;

    /// <summary>Whether the machine is an instance of Amazon EC2.</summary>
    public bool IsOnEc2 { get; init; }

    /// <summary>Whether what takes others a second may take it ten.</summary>
    public bool IsSlow { get; init; }

    /// <summary>The network interface that carries the machine's address.</summary>
    public string Interface { get; init; } = "eth0";

    /// <summary>The machine's roles in the order of its metadata, without what is not for it.</summary>
    public IEnumerable<RoleDefinition> Roles => Identity.Roles.Select(role =>
        ImageRoles.Find(role)?.For(Conditions(Metadata.Node, Launcher, IsOnEc2, IsSlow)) ?? throw new BootFailure(
            "NODE0102", NodePaths.CompiledRoles, $"this image has no role '{role}'", "boot an image that has it"));

    /// <exception cref="BootFailure">No identity was decided yet.</exception>
    /// <exception cref="ConfigurationException">The persisted metadata breaks a rule of this image.</exception>
    public static NodeState Load(NodeRoot root)
    {
        IdentityStore store = new(root);
        NodeIdentity identity = store.LoadIdentity()
            ?? throw new BootFailure(
                "NODE0103", NodePaths.Identity, "this machine has no identity yet",
                "wait until 'bootstrapper boot' has found metadata");
        StoredMetadata stored = store.LoadMetadata()
            ?? throw new BootFailure(
                "NODE0104", NodePaths.Metadata, "the copy of the metadata is missing",
                "boot the machine with its metadata again");
        CompiledRoles roles = LoadRoles(root);
        return new NodeState
        {
            Identity = identity,
            Metadata = CloudConfig.Parse(
                Encoding.UTF8.GetString(stored.UserData).TrimStart('\uFEFF'), "user-data", roles),
            ImageRoles = roles,
            Launcher = LauncherWords.Read(root),
            IsOnEc2 = Platform.Of(root) is { IsEc2: true },
            IsSlow = Processors.OfMachine.AreSlow,
            Interface = InterfaceOf(identity.Address),
        };
    }

    /// <summary>Which of the conditions that role files know hold on a machine.</summary>
    public static RoleConditions Conditions(
        NodeSettings node, LauncherWords launcher, bool isOnEc2, bool isSlow) => new()
        {
            HasClusterDns = node.Kubernetes.Dns == ClusterDnsServer.Node,
            HasCniAddOn = node.Kubernetes.Network == PodNetwork.Cni,
            HasKubeProxy = node.Kubernetes.HasKubeProxy,
            IsInUserNamespace = launcher.IsInUserNamespace,
            HasCgroupV1 = launcher.HasCgroupV1,
            AsksForEcrCredentials = node.Kubernetes.EcrCredentials ?? isOnEc2,
            IsSlow = isSlow,
            HasApiForwarder = !node.IsSingle,
            HasEtcdForwarder = !node.Roles.Contains(EtcdRole, StringComparer.Ordinal),
            HasMastersVip = node.Kubernetes.Vip.Masters is not null,
            HasLbVip = node.Kubernetes.Vip.Lb is not null,
            HasLbPool = !node.Lb.Pool.IsEmpty,
        };

    /// <summary>
    /// What nobody carries yet is said by who waits for it; the usual name is as good as any until then.
    /// </summary>
    private static string InterfaceOf(string address) =>
        InterfaceAddress.OfMachine().FirstOrDefault(item => item.Address.ToString() == address)?.Interface ?? "eth0";

    public static CompiledRoles LoadRoles(NodeRoot root)
    {
        try
        {
            return CompiledRoles.FromJson(File.ReadAllBytes(root[NodePaths.CompiledRoles]));
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new BootFailure(
                "NODE0101", NodePaths.CompiledRoles, $"the roles of the image cannot be read ({FaultText.Of(e)})",
                "bake the image again");
        }
    }
}
