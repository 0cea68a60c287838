using Images.Bootstrapper.Tests.Kubernetes;

namespace Images.Bootstrapper.Tests.Roles;

/// <summary>roles/common/files/usr/lib/images/loopback.nft on a machine whose kernel routes loopback addresses, as kube-proxy makes it.</summary>
public sealed class LoopbackGuardTests : IDisposable
{
    private static readonly string _rules = Path.Combine(SampleMachine.RolesFolder, "common/files/usr/lib/images/loopback.nft");

    private readonly NetworkNamespace _machine = NetworkNamespace.Create();
    private readonly NetworkNamespace _neighbour;

    public LoopbackGuardTests()
    {
        _neighbour = _machine.CreateBeside();
        _machine.Ip($"link add eth0 type veth peer name eth0 netns {_neighbour.Id}");
        _machine.Ip("address add 10.0.0.1/24 dev eth0");
        _neighbour.Ip("address add 10.0.0.2/24 dev eth0");
        foreach (NetworkNamespace one in new[] { _machine, _neighbour })
        {
            one.Ip("link set lo up");
            one.Ip("link set eth0 up");
            one.Run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet");
        }

        // what the neighbour sends to 127.0.0.1 leaves by its card; its own place for such addresses is after that
        _neighbour.Ip("route add 127.0.0.1/32 via 10.0.0.1 table 7");
        _neighbour.Ip("rule add pref 5 lookup local");
        _neighbour.Ip("rule del pref 0");
        _neighbour.Ip("rule add pref 4 to 127.0.0.1 lookup 7");
    }

    [Fact]
    public void A_neighbour_reaches_no_loopback_address_and_the_machine_does()
    {
        Reaches(_neighbour, "127.0.0.1", "10.0.0.2").ShouldBeTrue("else this shows nothing: without the rule the kernel lets it in");

        _machine.Run("nft", "--file", _rules);

        Reaches(_neighbour, "127.0.0.1", "10.0.0.2").ShouldBeFalse();
        Reaches(_machine, "127.0.0.1", "127.0.0.1").ShouldBeTrue();
        Reaches(_machine, "10.0.0.1", "127.0.0.1").ShouldBeTrue();
        Reaches(_neighbour, "10.0.0.1", "10.0.0.2").ShouldBeTrue();
    }

    [Fact]
    public void A_neighbour_cannot_pass_for_the_machine_itself()
    {
        _neighbour.Ip("address add 127.0.0.9/32 dev eth0");
        Listens(() => _neighbour.Try("ping", "-n", "-c", "1", "-W", "1", "-I", "127.0.0.9", "10.0.0.1")).ShouldBeTrue("else this shows nothing");

        _machine.Run("nft", "--file", _rules);

        Listens(() => _neighbour.Try("ping", "-n", "-c", "1", "-W", "1", "-I", "127.0.0.9", "10.0.0.1")).ShouldBeFalse();
    }

    [Fact]
    public void The_rules_stand_once_however_often_they_are_set()
    {
        _machine.Run("nft", "--file", _rules);
        string once = _machine.Run("nft", "list", "ruleset");

        _machine.Run("nft", "--file", _rules);

        _machine.Run("nft", "list", "ruleset").ShouldBe(once);
        once.Split('\n').Count(line => line.TrimEnd().EndsWith("drop", StringComparison.Ordinal)).ShouldBe(2);
    }

    public void Dispose()
    {
        _neighbour.Dispose();
        _machine.Dispose();
    }

    private static bool Reaches(NetworkNamespace from, string address, string own) =>
        from.Try("ping", "-n", "-c", "1", "-W", "1", "-I", own, address).ExitCode == 0;

    /// <summary>Whether the machine's kernel took an echo request in; the answer need not find back.</summary>
    private bool Listens(Action send)
    {
        long before = EchoRequests();
        send();
        return EchoRequests() > before;
    }

    private long EchoRequests()
    {
        string[] lines = [.. _machine.Run("cat", "/proc/net/snmp").Split('\n').Where(line => line.StartsWith("Icmp:", StringComparison.Ordinal))];
        return long.Parse(lines[1].Split(' ')[Array.IndexOf(lines[0].Split(' '), "InEchos")], System.Globalization.CultureInfo.InvariantCulture);
    }
}
