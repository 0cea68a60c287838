using System.Diagnostics;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>DNS is gone when an API server must find etcd anew: the machine answers by itself.</summary>
public sealed class LastAnswersTests : IDisposable
{
    private const string Etcd = "10.240.0.11";
    private const string Master = "10.240.0.21";
    private const string EtcdName = "etcd.demo.k8s";
    private const string MastersName = "masters.demo.k8s";

    private readonly string _folder = BakedImage.RunFolder(nameof(LastAnswersTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;
    private readonly List<Machine> _machines = [];

    public LastAnswersTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
        Answer([Etcd], [Master]);
    }

    [Fact]
    [Trait("Category", "Full")]
    public void An_API_server_bears_that_DNS_and_etcd_fail_at_one_time()
    {
        Machine etcd = Start("etcd", _seeds.Role("etcd", 1), Etcd, 1024);
        Machine master = Start("master", _seeds.Role("master", size: null), Master, 2048);
        master.WaitFor(@"bootstrapper: ready: kube-apiserver\.service", 600);
        Kubectl kubectl = new(_network, _seeds, Master);
        kubectl.WaitFor("a ready API server", 60, answer => answer == "ok", master, "get", "--raw", "/readyz");

        Answer([], []);
        Run(master, $"getent ahostsv4 {EtcdName}").ShouldStartWith(Etcd);
        Run(etcd, "sudo systemctl restart etcd.service");
        Stopwatch gone = Stopwatch.StartNew();
        kubectl.WaitFor(
            "a ready API server", 60, answer => answer == "ok", master, TimeSpan.FromMilliseconds(500), "get", "--raw", "/readyz");
        kubectl.Run("create", "configmap", "kept");
        gone.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        Run(master, "sudo bootstrapper status").ShouldMatch(
            @"(?m)^lacks +DNS: etcd\.demo\.k8s\. gives no address since .*; the last good answer counts: 10\.240\.0\.11$");

        // a service that starts now knows it, too
        Run(master, "sudo systemctl restart kube-apiserver.service");
        kubectl.WaitFor("a ready API server", 120, answer => answer == "ok", master, "get", "--raw", "/readyz");

        master.WaitFor(@"lacks: DNS: etcd\.demo\.k8s\. gives no address", 90);

        // what DNS says next counts, and not what stands in the file
        Answer([Etcd, "10.240.0.99"], [Master]);
        master.WaitFor(@"well again: DNS: etcd\.demo\.k8s\. names 10\.240\.0\.11, 10\.240\.0\.99", 60);
        Run(master, $"getent ahostsv4 {EtcdName}").ShouldContain("10.240.0.99");
    }

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        _network.Dispose();
    }

    private void Answer(string[] etcd, string[] masters)
    {
        _network.SetRecords(EtcdName, etcd);
        _network.SetRecords(MastersName, masters);
    }

    private string Run(Machine machine, string command) => machine.Ssh(_seeds.SshKey, command).Trim();

    private Machine Start(string name, string seed, string address, int memory)
    {
        Machine machine = Machine.New(new MachineOptions
        {
            Name = name,
            Folder = _folder,
            Seed = seed,
            Network = _network,
            Address = address,
            MemoryMebibytes = memory,
            Processors = 2,
        });
        _machines.Add(machine);
        machine.Start();
        return machine;
    }
}
