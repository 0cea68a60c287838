using System.Globalization;
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

    /// <summary>An address at which there is nobody.</summary>
    private const string Stranger = "10.240.0.99";

    /// <summary>How long some faults last.</summary>
    private const int Short = 12, Long = 20, Parted = 30, Minute = 60;

    /// <summary>Kubelets renew their Leases every ten seconds.</summary>
    private static readonly TimeSpan _leases = TimeSpan.FromSeconds(12);

    /// <summary>Which one of them, where the API is found, how long it may show, and how long it lasts.</summary>
    private static readonly Fault[] _faults =
    [
        new("planned stop of the lb that holds the address", "lb", _planned, nodes => nodes.Stop(nodes.Holder(nodes.Lbs, NineNodes.LbsAddress))),
        new("power cut of the lb that holds the address", "lb", _powerCut, nodes => nodes.Cut(nodes.Holder(nodes.Lbs, NineNodes.LbsAddress))),
        new("power cut of a master behind the lb", "lb", _powerCut, nodes => nodes.Cut(nodes["master1"])),
        new("DNS names nobody", "lb", _planned, nodes => nodes.NameAll(_ => []), Minute),
        new("DNS names a stranger as well", "lb", _planned, nodes => nodes.NameAll(addresses => [.. addresses, Stranger]), Long),
        new("DNS names an address of IPv6 alone", "lb", _planned, nodes => nodes.NameAll(_ => ["fd00::99"]), Long),
        new("DNS fails (SERVFAIL)", "lb", _planned, nodes => nodes.FailNames(), Long),
        new("DNS names nobody every other two seconds", "lb", _planned, nodes => nodes.Flap(Long)),
        new("kube-apiserver killed", "vip", _other, nodes => nodes.Run(nodes.MasterThatHolds, "sudo systemctl kill --signal=KILL kube-apiserver.service")),
        new("kube-apiserver stopped", "vip", _other, nodes => nodes.Later(nodes.MasterThatHolds, "systemctl stop kube-apiserver.service; systemctl start --no-block kube-apiserver.service")),
        new("kube-apiserver frozen", "vip", _other, nodes => nodes.Later(nodes.MasterThatHolds, $"systemctl kill --signal=STOP kube-apiserver.service; sleep {Short}; systemctl kill --signal=CONT kube-apiserver.service"), Short),
        new("machine frozen", "vip", _other, nodes => nodes.Later(nodes.MasterThatHolds, $"kill -STOP -1; sleep {Short}; kill -CONT -1"), Short),
        new("link down and up", "vip", _other, nodes => nodes.Later(nodes.MasterThatHolds, $"ip link set eth0 down; sleep {Short}; ip link set eth0 up"), Short),
        new("partition between the masters", "vip", _other, nodes => nodes.Part("master1", "master2", Parted), Parted),
        new("DNS gone while one member of etcd after the other starts anew", "vip", _other, nodes => nodes.RestartEtcdWithoutDns()),
        new("planned stop of the master that holds the address", "vip", _planned, nodes => nodes.Stop(nodes.MasterThatHolds)),
        new("power cut of the master that holds the address", "vip", _powerCut, nodes => nodes.Cut(nodes.MasterThatHolds)),
        new("power cut of a member of etcd", "vip", _powerCut, nodes => nodes.Cut(nodes.Members.First(member => member != nodes.LeaderOfEtcd()))),
        new("power cut of etcd's leader", "vip", _leaderCut, nodes => nodes.Cut(nodes.LeaderOfEtcd())),
        new("etcd without a quorum", "vip", TimeSpan.FromSeconds(Long) + _other, nodes => nodes.StopTwoMembers(Long), Long),
    ];

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
    [InlineData("lb")]
    [InlineData("vip")]
    public void Clients_bear_each_fault_and_no_acknowledged_write_is_lost(string endpoint)
    {
        using NineNodes nodes = new(BakedImage.RunFolder(nameof(HighlyAvailableTests)), endpoint);
        nodes.WaitUntilWhole(300);
        nodes.TimeToLive().ShouldBe("0", "in all faults nobody may keep an answer");
        EtcdClusterView before = nodes.Etcd;
        List<string> missed = [];
        foreach (Fault fault in _faults.Where(fault => fault.Endpoint == endpoint))
        {
            try
            {
                Bear(fault, nodes);
            }
            catch (Exception e) when (e is MachineException or ShouldAssertException)
            {
                missed.Add($"{fault.Name}: {e.Message}");
                Tell(nodes, $"MISSED {missed[^1]}");
            }

            nodes.Mend(300);
        }

        missed.ShouldBeEmpty();
        nodes.LostWrites().ShouldBeEmpty();
        nodes.Etcd.IsSameAs(before).ShouldBeTrue($"{nodes.Etcd} instead of {before}");
    }

    private static void Bear(Fault fault, NineNodes nodes)
    {
        DateTimeOffset begin = DateTimeOffset.UtcNow;
        fault.Happen(nodes);
        Thread.Sleep(TimeSpan.FromSeconds(fault.Seconds + 1));
        if (fault.Seconds > 0)
        {
            _ = nodes.MasterThatHolds; // one, not two, a second after it is over
        }

        BearsWithin(fault.Aim, nodes, begin, fault.Name);
        _ = nodes.MasterThatHolds;
        if (fault.Name.StartsWith("DNS ", StringComparison.Ordinal) && fault.Endpoint == "lb")
        {
            BearsNames(nodes);
            nodes.Client.Failed(ApiProbe.KeptConnection, begin).ShouldBe(0, "no connection is cut by DNS");
        }

        TimeSpan leases = nodes.Client.LongestLeaseGap(begin);
        Tell(nodes, string.Create(CultureInfo.InvariantCulture, $"{fault.Name}: Leases {leases.TotalSeconds:F1} s"));
        if (fault.Aim <= _other)
        {
            leases.ShouldBeLessThan(_leases);
        }
    }

    /// <summary>What DNS last said has emptied no list: a fault is over only once it is mended, which is after this.</summary>
    private static void BearsNames(NineNodes nodes)
    {
        foreach (Machine lb in nodes.Lbs)
        {
            nodes.MastersOf(lb).ShouldBeSubsetOf([.. nodes.Named["masters"], Stranger]);
            nodes.Named["masters"].ShouldBeSubsetOf(nodes.MastersOf(lb), $"{lb.Name} forwards to both masters still");
        }
    }

    private static void BearsWithin(TimeSpan aim, NineNodes nodes, DateTimeOffset since, string fault)
    {
        Thread.Sleep(_other); // it shows itself first
        nodes.Client.WaitUntilCalm(_calm, 60);
        string seen = $"{fault}: {nodes.Client.Describe(since)}";
        Tell(nodes, seen);
        foreach (string kind in ApiProbe.Kinds)
        {
            nodes.Client.LongestGap(kind, since).ShouldBeLessThan(aim, seen);
        }
    }

    /// <summary>In the run's folder too, for a run of many faults that does not end.</summary>
    private static void Tell(NineNodes nodes, string seen)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(seen);
        File.AppendAllText(Path.Combine(nodes.Folder, "gaps.txt"), $"{seen}\n");
    }

    /// <param name="Name">For people.</param>
    /// <param name="Endpoint">Where the API is found.</param>
    /// <param name="Aim">How long it may show.</param>
    /// <param name="Seconds">How long it lasts where it ends by itself.</param>
    private sealed record Fault(string Name, string Endpoint, TimeSpan Aim, Action<NineNodes> Happen, int Seconds = 0);
}
