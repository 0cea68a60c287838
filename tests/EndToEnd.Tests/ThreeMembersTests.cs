using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Three machines from one image and one seed, which find each other by DNS.</summary>
public sealed class ThreeMembersTests : IDisposable
{
    private static readonly string[] _addresses = ["10.240.0.11", "10.240.0.12", "10.240.0.13"];

    private readonly string _folder = BakedImage.RunFolder(nameof(ThreeMembersTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;
    private readonly VirtualMachine[] _machines;
    private readonly EtcdClient _client;

    public ThreeMembersTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
        _network.Serve();
        string iso = _seeds.Role("etcd", size: 3);
        _machines = [.. _addresses.Select((address, index) => new VirtualMachine(new MachineOptions
        {
            Name = $"etcd{index + 1}",
            Folder = _folder,
            SeedImage = iso,
            Network = _network,
            Address = address,
            Processors = 1,
            MemoryMebibytes = 1024,
        }))];
        _client = new EtcdClient(_network, _seeds);
    }

    [Fact]
    public void Started_together_they_form_one_cluster_and_a_stopped_and_a_wiped_member_come_back_with_all_data()
    {
        _network.SetRecords("etcd.demo.k8s", _addresses);
        foreach (VirtualMachine machine in _machines)
        {
            machine.Start();
        }

        string clusterId = AssertHealthy();
        _client.Run(_addresses, "put", "before", "the stop");
        string[] membersBefore = _client.Members(_addresses[0]).Members;

        _machines[1].Shutdown(_seeds.SshKey);
        _client.Run([_addresses[0]], "put", "during", "the stop");
        _machines[1].Start();
        _machines[1].WaitFor("bootstrapper: ready: etcd.service", 400);
        AssertHealthy().ShouldBe(clusterId);
        _client.Members(_addresses[0]).Members.ShouldBe(membersBefore, "the stopped machine must come back as the member it was");
        _client.Run([_addresses[1]], "get", "--print-value-only", "--consistency=s", "during").Trim().ShouldBe("the stop");

        _machines[2].CutPower();
        _machines[2].MakeBlankDisk();
        _machines[2].Start();
        _machines[2].WaitFor("bootstrapper: ready: etcd.service", 500);
        AssertHealthy().ShouldBe(clusterId);
        string[] membersAfter = _client.Members(_addresses[0]).Members;
        membersAfter.Intersect(membersBefore, StringComparer.Ordinal).Count().ShouldBe(2, "the wiped machine must come back as a new member");
        _client.Run([_addresses[2]], "get", "--print-value-only", "--consistency=s", "before").Trim().ShouldBe("the stop");
    }

    [Fact]
    [Trait("Category", "Full")]
    public void Started_a_minute_apart_in_another_order_while_DNS_fills_they_form_one_cluster()
    {
        foreach (int index in new[] { 2, 0, 1 })
        {
            _network.SetRecords("etcd.demo.k8s", [.. _addresses.Where((_, other) => _machines[other].IsRunning || other == index)]);
            _machines[index].Start();
            Thread.Sleep(TimeSpan.FromSeconds(60));
        }

        AssertHealthy();
    }

    [Fact]
    [Trait("Category", "Full")]
    public void Answers_that_differ_between_machines_never_make_two_clusters()
    {
        _network.UseSecondServer(_machines[2].Name);
        _network.SetRecords("etcd.demo.k8s", _addresses, LabNetwork.Gateway);
        _network.SetRecords("etcd.demo.k8s", [_addresses[0], _addresses[1], "10.240.0.14"], LabNetwork.SecondServer);
        foreach (VirtualMachine machine in _machines)
        {
            machine.Start();
        }

        foreach (VirtualMachine machine in _machines)
        {
            machine.WaitFor(@"bootstrapper: etcd\.service: waiting for ", 400);
        }

        Thread.Sleep(TimeSpan.FromSeconds(60));
        foreach (VirtualMachine machine in _machines)
        {
            machine.Console.Text.ShouldNotContain("ready: etcd.service");
        }

        _network.SetRecords("etcd.demo.k8s", _addresses);
        AssertHealthy();
    }

    public void Dispose()
    {
        foreach (VirtualMachine machine in _machines)
        {
            machine.Dispose();
        }

        _network.Dispose();
    }

    // three voting members, the same cluster seen from each of them; returns its id
    private string AssertHealthy()
    {
        foreach (VirtualMachine machine in _machines)
        {
            machine.WaitFor("bootstrapper: ready: etcd.service", 500);
        }

        DateTime end = DateTime.UtcNow.AddSeconds(120);
        while (true)
        {
            try
            {
                _client.Run(_addresses, "endpoint", "health");
                (string ClusterId, string[] Members, string[] Names, int Learners)[] views = [.. _addresses.Select(_client.Members)];
                views.ShouldAllBe(view => view.Members.Length == 3 && view.Learners == 0);
                views.Select(view => view.ClusterId).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
                return views[0].ClusterId;
            }
            catch (Exception problem) when (problem is MachineException or ShouldAssertException && DateTime.UtcNow < end)
            {
                Thread.Sleep(3000);
            }
        }
    }
}
