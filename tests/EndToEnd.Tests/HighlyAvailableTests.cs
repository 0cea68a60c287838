using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Nine machines of one image, and what a client of their API sees when some of them fail.</summary>
public sealed class HighlyAvailableTests
{
    private static readonly TimeSpan _calm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _planned = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _powerCut = TimeSpan.FromSeconds(3.5);
    private static readonly TimeSpan _leaderCut = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _other = TimeSpan.FromSeconds(5);

    /// <summary>Kubelets renew their Leases every ten seconds.</summary>
    private static readonly TimeSpan _leases = TimeSpan.FromSeconds(12);

    /// <summary>Faults, each by itself: which one of them, where the API is found, and how long it may show.</summary>
    private static readonly Fault[] _faults =
    [
        new("power cut of the lb that holds the address", "lb", _powerCut, nodes => nodes.Cut(nodes.Holder(nodes.Lbs, NineNodes.LbsAddress))),
        new("power cut of a master behind the lb", "lb", _powerCut, nodes => nodes.Cut(nodes["master1"])),
        new("power cut of the master that holds the address", "vip", _powerCut, nodes => nodes.Cut(nodes.MasterThatHolds)),
        new("power cut of a member of etcd", "vip", _powerCut, nodes => nodes.Cut(nodes.Members.First(member => member != nodes.LeaderOfEtcd()))),
        new("power cut of etcd's leader", "vip", _leaderCut, nodes => nodes.Cut(nodes.LeaderOfEtcd())),
        new("planned stop of the master that holds the address", "vip", _planned, nodes => nodes.Stop(nodes.MasterThatHolds)),
        new("planned stop of the lb that holds the address", "lb", _planned, nodes => nodes.Stop(nodes.Holder(nodes.Lbs, NineNodes.LbsAddress))),
        new("kube-apiserver killed", "vip", _other, nodes => nodes.Run(nodes.MasterThatHolds, "sudo systemctl kill --signal=KILL kube-apiserver.service")),
        new("kube-apiserver stopped", "vip", _other, nodes => nodes.Later(nodes.MasterThatHolds, "systemctl stop kube-apiserver.service; systemctl start --no-block kube-apiserver.service")),
        new("kube-apiserver frozen", "vip", _other, nodes => nodes.Later(nodes.MasterThatHolds, "systemctl kill --signal=STOP kube-apiserver.service; sleep 12; systemctl kill --signal=CONT kube-apiserver.service")),
        new("link down and up", "vip", _other, nodes => nodes.Later(nodes.MasterThatHolds, "ip link set eth0 down; sleep 12; ip link set eth0 up")),
        new("partition between the masters", "vip", _other, nodes => nodes.Part("master1", "master2", 30)),
        new("DNS gone while the members of etcd start anew", "vip", TimeSpan.FromSeconds(30), nodes => nodes.RestartEtcdWithoutDns()),
    ];

    public static TheoryData<string> Faults => [.. _faults.Select(fault => fault.Name)];

    [Fact]
    public void The_API_outlives_the_master_that_holds_its_address_and_the_member_that_leads_etcd()
    {
        using NineNodes nodes = new(BakedImage.RunFolder(nameof(HighlyAvailableTests)), "vip");
        nodes.WaitUntilWhole(300);

        Machine holder = nodes.MasterThatHolds;
        DateTimeOffset begin = DateTimeOffset.UtcNow;
        nodes.Cut(holder);
        BearsWithin(_powerCut, nodes, begin, "power cut of the holder");
        nodes.MasterThatHolds.ShouldNotBe(holder);

        begin = DateTimeOffset.UtcNow;
        nodes.Cut(nodes.LeaderOfEtcd());
        BearsWithin(_leaderCut, nodes, begin, "power cut of etcd's leader");
        nodes.LostWrites().ShouldBeEmpty();
    }

    [Theory]
    [Trait("Category", "Full")]
    [MemberData(nameof(Faults))]
    public void Clients_bear_each_fault_and_no_acknowledged_write_is_lost(string name)
    {
        Fault fault = _faults.Single(fault => fault.Name == name);
        using NineNodes nodes = new(BakedImage.RunFolder(nameof(HighlyAvailableTests)), fault.Endpoint);
        nodes.WaitUntilWhole(300);

        DateTimeOffset begin = DateTimeOffset.UtcNow;
        fault.Happen(nodes);
        BearsWithin(fault.Aim, nodes, begin, name);
        nodes.LostWrites().ShouldBeEmpty();
        _ = nodes.MasterThatHolds; // one, not two
        nodes.Client.LongestLeaseGap(begin).ShouldBeLessThan(_leases);
    }

    private static void BearsWithin(TimeSpan aim, NineNodes nodes, DateTimeOffset since, string fault)
    {
        Thread.Sleep(_other); // it shows itself first
        nodes.Client.WaitUntilCalm(_calm, 60);
        string seen = $"{fault}: {nodes.Client.Describe(since)}";
        TestContext.Current.TestOutputHelper?.WriteLine(seen);
        foreach (string kind in ApiProbe.Kinds)
        {
            nodes.Client.LongestGap(kind, since).ShouldBeLessThan(aim, seen);
        }
    }

    private sealed record Fault(string Name, string Endpoint, TimeSpan Aim, Action<NineNodes> Happen);
}
