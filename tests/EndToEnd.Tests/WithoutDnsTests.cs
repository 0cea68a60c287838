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

    private readonly LabCluster _lab = new(BakedImage.RunFolder(nameof(WithoutDnsTests)));

    [Fact]
    public void Machines_with_a_hosts_file_of_the_cluster_become_one_and_say_whose_names_they_answer()
    {
        string hosts = Path.Combine(_lab.Folder, "hosts");
        File.WriteAllText(hosts, $"""
            127.0.0.1 localhost
            {Etcd} etcd.demo.k8s
            {Master} masters.demo.k8s master1
            {Worker} workers.demo.k8s

            """);
        _lab.Start("etcd1", _lab.Seeds.Role("etcd", 1, "--hosts", hosts), Etcd);
        Machine master = _lab.Start("master1", _lab.Seeds.Role("master", null, "--hosts", hosts), Master);
        Machine worker = _lab.Start("worker1", _lab.Seeds.Role("worker", null, "--hosts", hosts), Worker);

        master.WaitFor("bootstrapper: ready: kube-apiserver.service", 600);
        _lab.Kubectl(Master).WaitFor(
            "a worker that is Ready", 600, nodes => Regex.IsMatch(nodes, @"(?m)^worker\S+ +Ready +worker "), worker,
            "get", "nodes", "--no-headers");
        _lab.Run(worker, "sudo bootstrapper why")
            .ShouldMatch($@"answered by this machine itself, without DNS: .*masters\.demo\.k8s {Regex.Escape(Master)}(;|\s)");
        _lab.Network.Try("dig", "+short", $"@{LabNetwork.Gateway}", "etcd.demo.k8s.").Output
            .ShouldBeEmpty("the network's own server knows none of them");
    }

    public void Dispose() => _lab.Dispose();
}
