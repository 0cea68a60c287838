using System.Text.RegularExpressions;
using Images.Lab.Networks;

namespace Images.Lab.Machines;

/// <summary>One machine with all roles of its cluster, on a network of its own whose DNS names it for each of them, unless it needs none.</summary>
internal sealed class LoneMachine : IDisposable
{
    public const string Address = "10.240.0.11";

    /// <summary>For a Service that is asked from outside.</summary>
    public const int NodePort = 30080;

    public const string WholeCluster = "etcd,master,worker";

    /// <summary>What QEMU's own network gives its only machine, which answers at 127.0.0.1 on this side of it.</summary>
    private const string UserNetworkAddress = "10.0.2.15";

    /// <summary>Of ssh, etcd, the API, the kubelet, and of a Service.</summary>
    private static readonly int[] _ports = [22, 2379, 6443, 10250, NodePort];

    private readonly string _roles;

    /// <param name="folder">What the run leaves behind.</param>
    /// <param name="options">How it differs from a machine that is a whole cluster.</param>
    public LoneMachine(string folder, LoneMachineOptions? options = null)
    {
        options ??= new LoneMachineOptions();
        _roles = options.Roles;
        string[] roles = _roles.Split(',');
        Network = new LabNetwork(Path.Combine(folder, "network"), options.Image);
        Seeds = new ClusterSeeds(Path.Combine(folder, "cluster"));
        foreach (string role in options.IsSingle ? [] : roles)
        {
            Network.SetRecords($"{(role is "etcd" or "lb" ? role : role + "s")}.{Seeds.Cluster}.k8s", [Address]);
        }

        OwnAddress = options.IsOnUserNetwork ? UserNetworkAddress : Address;
        VirtualMachineOptions machine = new()
        {
            Name = _roles.Replace(',', '-'),
            Folder = folder,
            Image = options.Image,
            EtcFiles = options.EtcFiles,
            Seed = Seed(options, roles.Contains("etcd", StringComparer.Ordinal) ? 1 : null),
            Clock = options.Clock,
            Network = Network,
            Address = options.IsOnUserNetwork ? "127.0.0.1" : Address,
            UserNetworkPorts = options.IsOnUserNetwork ? _ports : null,
            MemoryMebibytes = _roles == "etcd" ? 1536 : 3072,
            Processors = roles.Contains("master", StringComparer.Ordinal) ? 2 : 1,
        };
        Machine = options.Kind == MachineKind.Qemu ? new VirtualMachine(machine) : Machine.New(machine);
    }

    public LabNetwork Network { get; }

    public ClusterSeeds Seeds { get; }

    public Machine Machine { get; }

    /// <summary>As the machine itself knows it.</summary>
    public string OwnAddress { get; }

    /// <summary>On the network's side of the bridge.</summary>
    public Kubectl Kubectl() => new(Network, Seeds, Machine.Address);

    /// <summary>Starts it as a whole cluster; afterwards its Node is Ready.</summary>
    public void StartAndWaitForNode(Kubectl kubectl)
    {
        Machine.Start();
        foreach (string unit in new[] { "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy" })
        {
            Machine.WaitFor($"bootstrapper: ready: {unit}.service", 900);
        }

        WaitForNode(kubectl);
    }

    public void WaitForNode(Kubectl kubectl) => kubectl.WaitFor(
        "a Node that is Ready and shows its roles", 900, nodes => Regex.IsMatch(nodes, $@"^\S+ +Ready +{_roles} "), Machine, "get", "nodes", "--no-headers");

    public string Run(string command) => Machine.Ssh(Seeds.SshKey, command);

    /// <summary>What systemd says of itself, <c>running</c> where nothing has failed, and which units have.</summary>
    public (string State, string Failed) SystemHealth() =>
        (Machine.Ssh(Seeds.SshKey, "systemctl is-system-running", mayFail: true).Trim(), Run("systemctl --failed --no-legend").Trim());

    public void Dispose()
    {
        Machine.Dispose();
        Network.Dispose();
    }

    private string Seed(LoneMachineOptions options, int? size)
    {
        string seed = options.IsSingle ? Seeds.Single(options.SeedArguments) : Seeds.Role(_roles, size, options.SeedArguments);
        if (options.NodeLines.Length == 0 && options.MoreUserData.Length == 0)
        {
            return seed;
        }

        string userData = Seeds.UserData(_roles.Replace(',', '-')).Replace("\nnode:\n", $"\n{options.MoreUserData}node:\n{options.NodeLines}", StringComparison.Ordinal);
        return Seeds.Genisoimage("changed", userData, "instance-id: changed\n");
    }
}
