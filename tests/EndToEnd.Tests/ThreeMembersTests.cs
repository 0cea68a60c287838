using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Three machines from one image and one seed, which find each other by DNS.</summary>
public sealed class ThreeMembersTests : IDisposable
{
    private const string FourthAddress = "10.240.0.14";

    private static readonly string[] _addresses = ["10.240.0.11", "10.240.0.12", "10.240.0.13"];

    private readonly string _folder = BakedImage.RunFolder(nameof(ThreeMembersTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;
    private readonly string _seed;
    private readonly EtcdClient _client;
    private Machine[] _machines;

    public ThreeMembersTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
        _seed = _seeds.Role("etcd", size: 3);
        _machines = NewMachines(MachineKind.Container);
        _client = new EtcdClient(_network, _seeds);
    }

    [Fact]
    public void Started_together_they_form_one_cluster_and_a_stopped_and_a_wiped_member_come_back_with_all_data() => BornStoppedAndWiped();

    [Fact]
    [Trait("Category", "Full")]
    public void They_do_so_as_machines_with_disks_too()
    {
        _machines = NewMachines(MachineKind.Qemu);
        BornStoppedAndWiped();
    }

    [Theory]
    [Trait("Category", "Full")]
    [InlineData(true)]
    [InlineData(false)]
    public void Started_a_minute_apart_in_another_order_they_form_one_cluster_and_none_before_all_are_there(bool isDnsFilledMeanwhile)
    {
        _network.SetRecords("etcd.demo.k8s", _addresses);
        foreach (int index in new[] { 2, 0, 1 })
        {
            _machines.ShouldAllBe(machine => !machine.IsRunning || !machine.Console.Text.Contains("starts the new cluster", StringComparison.Ordinal));
            if (isDnsFilledMeanwhile)
            {
                _network.SetRecords("etcd.demo.k8s", [.. _addresses.Where((_, other) => _machines[other].IsRunning || other == index)]);
            }

            _machines[index].Start();
            Thread.Sleep(TimeSpan.FromSeconds(60));
        }

        AssertHealthy();
    }

    [Fact]
    [Trait("Category", "Full")]
    public void Answers_that_differ_between_machines_never_make_two_clusters()
    {
        // A and B are told {A, B, C}; C and D are told {A, B, D}
        using Machine fourth = NewMachine("etcd4", FourthAddress);
        Machine[] all = [.. _machines, fourth];
        _network.UseSecondServer(_machines[2].Name);
        _network.UseSecondServer(fourth.Name);
        _network.SetRecords("etcd.demo.k8s", _addresses, LabNetwork.Gateway);
        _network.SetRecords("etcd.demo.k8s", [_addresses[0], _addresses[1], FourthAddress], LabNetwork.SecondServer);
        foreach (Machine machine in all)
        {
            machine.Start();
        }

        foreach (Machine machine in all)
        {
            machine.WaitFor(@"bootstrapper: etcd\.service: waiting for ", 600);
        }

        Thread.Sleep(TimeSpan.FromSeconds(60));
        foreach (Machine machine in all)
        {
            machine.Console.Text.ShouldNotMatch("etcd\\.service: starts the new cluster|ready: etcd\\.service");
        }

        // now DNS names three of them to all, and the fourth makes no cluster of its own
        _network.SetRecords("etcd.demo.k8s", _addresses);
        AssertHealthy();
        fourth.IsRunning.ShouldBeTrue();
        fourth.Console.Text.ShouldNotMatch("etcd\\.service: starts the new cluster|ready: etcd\\.service");
        _client.Try([FourthAddress], "endpoint", "status", "--command-timeout=10s").ExitCode.ShouldNotBe(0, "etcd must not run there");
    }

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        _network.Dispose();
    }

    private Machine[] NewMachines(MachineKind kind) => [.. _addresses.Select((address, index) => NewMachine($"etcd{index + 1}", address, kind))];

    private Machine NewMachine(string name, string address, MachineKind kind = MachineKind.Container) => Machine.New(
        new MachineOptions
        {
            Name = name,
            Folder = _folder,
            Seed = _seed,
            Network = _network,
            Address = address,
            Processors = 1,
            MemoryMebibytes = 1024,
        },
        kind);

    private void BornStoppedAndWiped()
    {
        _network.SetRecords("etcd.demo.k8s", _addresses);
        foreach (Machine machine in _machines)
        {
            machine.Start();
        }

        EtcdClusterView first = AssertHealthy();
        foreach (Machine machine in _machines)
        {
            machine.WaitFor(@"bootstrapper: peers of etcd\.demo\.k8s\.: 10\.240\.0\.11, 10\.240\.0\.12, 10\.240\.0\.13$", 1);
        }

        _client.Run(_addresses, "put", "before", "the stop");

        _machines[1].Shutdown(_seeds.SshKey);
        _client.RunOnceThereIsALeader([_addresses[0]], "put", "during", "the stop");
        _machines[1].Start();
        _machines[1].WaitFor("bootstrapper: ready: etcd.service", 400);
        EtcdClusterView afterStop = AssertHealthy();
        afterStop.ClusterId.ShouldBe(first.ClusterId);
        afterStop.Members.ShouldBe(first.Members, "the stopped machine must come back as the member it was");
        AllData(_addresses[1]).ShouldBe(AllData(_addresses[0]));

        _machines[2].CutPower();
        _machines[2].Wipe();
        _client.RunOnceThereIsALeader([_addresses[0]], "put", "without", "the third");
        _machines[2].Start();
        _machines[2].WaitFor("bootstrapper: ready: etcd.service", 500);
        EtcdClusterView afterWipe = AssertHealthy();
        afterWipe.ClusterId.ShouldBe(first.ClusterId);
        afterWipe.Members.Take(2).ShouldBe(first.Members.Take(2));
        afterWipe.IdAt(_addresses[2]).ShouldNotBe(first.IdAt(_addresses[2]), "the wiped machine must come back as a new member");
        AllData(_addresses[2]).ShouldBe("before\nthe stop\nduring\nthe stop\nwithout\nthe third");
    }

    /// <summary>Keys and values as this member itself has them.</summary>
    private string AllData(string address) => _client.Run([address], "get", "--from-key", "--consistency=s", "").Trim();

    /// <summary>Three voting members at the three addresses, the same cluster seen from each of them.</summary>
    private EtcdClusterView AssertHealthy()
    {
        foreach (Machine machine in _machines)
        {
            machine.WaitFor("bootstrapper: ready: etcd.service", 500);
        }

        return _client.WaitForVoters(_addresses, 120);
    }
}
