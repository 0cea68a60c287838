using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Machines whose metadata holds the names of all: no DNS server knows any of them.</summary>
public sealed class WithoutDnsTests : IDisposable
{
    private const string Etcd = "10.240.0.11";
    private const string Master = "10.240.0.21";
    private const string Worker = "10.240.0.31";

    private readonly string _folder = BakedImage.RunFolder(nameof(WithoutDnsTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;
    private readonly List<Machine> _machines = [];

    public WithoutDnsTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
    }

    [Fact]
    public void Machines_with_a_hosts_file_of_the_cluster_become_one_and_say_whose_names_they_answer()
    {
        string hosts = Path.Combine(_folder, "hosts");
        File.WriteAllText(hosts, $"""
            127.0.0.1 localhost
            {Etcd} etcd.demo.k8s
            {Master} masters.demo.k8s master1
            {Worker} workers.demo.k8s

            """);
        Start("etcd1", _seeds.Role("etcd", 1, "--hosts", hosts), Etcd);
        Machine master = Start("master1", _seeds.Role("master", null, "--hosts", hosts), Master);
        Machine worker = Start("worker1", _seeds.Role("worker", null, "--hosts", hosts), Worker);

        master.WaitFor("bootstrapper: ready: kube-apiserver.service", 600);
        new Kubectl(_network, _seeds, Master).WaitFor(
            "a worker that is Ready", 600, nodes => Regex.IsMatch(nodes, @"(?m)^worker\S+ +Ready +worker "), worker,
            "get", "nodes", "--no-headers");
        worker.Ssh(_seeds.SshKey, "sudo bootstrapper why")
            .ShouldMatch($@"answered by this machine itself, without DNS: .*masters\.demo\.k8s {Regex.Escape(Master)}(;|\s)");
        _network.Try("dig", "+short", $"@{LabNetwork.Gateway}", "etcd.demo.k8s.").Output
            .ShouldBeEmpty("the network's own server knows none of them");
    }

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        _network.Dispose();
    }

    private Machine Start(string name, string seed, string address)
    {
        Machine machine = Machine.New(new MachineOptions
        {
            Name = name,
            Folder = _folder,
            Seed = seed,
            Network = _network,
            Address = address,
            MemoryMebibytes = 2048,
            Processors = 2,
        });
        _machines.Add(machine);
        machine.Start();
        return machine;
    }
}
