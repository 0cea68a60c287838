using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>A machine that is etcd, master and worker of a cluster by itself.</summary>
internal sealed class AllInOneMachine : IDisposable
{
    public const string Address = "10.240.0.11";

    /// <param name="folder">What the run leaves behind.</param>
    public AllInOneMachine(string folder)
    {
        Network = new LabNetwork(Path.Combine(folder, "network"));
        Seeds = new ClusterSeeds(Path.Combine(folder, "cluster"));
        Network.Serve();
        foreach (string name in new[] { "etcd", "masters", "workers" })
        {
            Network.SetRecords($"{name}.{Seeds.Cluster}.k8s", [Address]);
        }

        Machine = new VirtualMachine(new MachineOptions
        {
            Name = "all-in-one",
            Folder = folder,
            SeedImage = Seeds.Role("etcd,master,worker", size: 1),
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

        Kubectl.WaitFor("a Node that is Ready and shows its roles", 600, nodes => Regex.IsMatch(nodes, @"^\S+ +Ready +etcd,master,worker "), Machine, "get", "nodes", "--no-headers");
    }

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
