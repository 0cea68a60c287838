using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>A machine that is etcd, master and worker of a cluster by itself.</summary>
internal sealed class AllInOneMachine : IDisposable
{
    public const string Address = "10.240.0.11";
    private const string Roles = "etcd,master,worker";

    /// <param name="folder">What the run leaves behind.</param>
    /// <param name="nodeLines">Lines to add to <c>node:</c> of the metadata, each with its line end.</param>
    /// <param name="clock">What its clock says when it starts; null for the right time.</param>
    public AllInOneMachine(string folder, string nodeLines = "", DateTimeOffset? clock = null)
    {
        Network = new LabNetwork(Path.Combine(folder, "network"));
        Seeds = new ClusterSeeds(Path.Combine(folder, "cluster"));
        Network.Serve();
        foreach (string name in new[] { "etcd", "masters", "workers" })
        {
            Network.SetRecords($"{name}.{Seeds.Cluster}.k8s", [Address]);
        }

        string seed = Seeds.Role(Roles, size: 1);
        if (nodeLines.Length > 0)
        {
            string userData = Seeds.UserData(Roles.Replace(',', '-')).Replace("\nnode:\n", $"\nnode:\n{nodeLines}", StringComparison.Ordinal);
            seed = Seeds.GenisoimageIso("changed", userData, "instance-id: changed\n");
        }

        Machine = new VirtualMachine(new MachineOptions
        {
            Name = "all-in-one",
            Folder = folder,
            SeedImage = seed,
            Clock = clock,
            Network = Network,
            Address = Address,
            MemoryMebibytes = 3072,
            Processors = 2,
        });
        Kubectl = new Kubectl(Network, Seeds, Address);
    }

    public LabNetwork Network { get; }

    public ClusterSeeds Seeds { get; }

    public VirtualMachine Machine { get; }

    public Kubectl Kubectl { get; }

    public void StartAndWaitForNode()
    {
        Machine.Start();
        foreach (string unit in new[] { "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy" })
        {
            Machine.WaitFor($"bootstrapper: ready: {unit}.service", 600);
        }

        WaitForNode(Kubectl);
    }

    public void WaitForNode(Kubectl kubectl) => kubectl.WaitFor(
        "a Node that is Ready and shows its roles", 600, nodes => Regex.IsMatch(nodes, $@"^\S+ +Ready +{Roles} "), Machine, "get", "nodes", "--no-headers");

    public string Run(string command) => Machine.Ssh(Seeds.SshKey, command);

    /// <summary>Nothing that the system runs has failed.</summary>
    public void ExpectNoFailedUnit()
    {
        Machine.Ssh(Seeds.SshKey, "systemctl is-system-running", mayFail: true).Trim().ShouldBe("running");
        Run("systemctl --failed --no-legend").Trim().ShouldBeEmpty();
    }

    public void Dispose()
    {
        Machine.Dispose();
        Network.Dispose();
    }
}
