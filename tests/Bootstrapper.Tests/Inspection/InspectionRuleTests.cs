using Images.Bootstrapper.Inspection;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Inspection;

/// <summary>What is said of a machine, from nothing but what was measured.</summary>
public sealed class InspectionRuleTests
{
    private const string Own = "10.0.0.21";

    private static readonly RoleDefinition _master = RoleFile.Parse(
        "role: master\ndns: masters\nminimum: {cpus: 2, memory: 1Gi, disk: 8Gi}\nports: [6443/tcp]\nservices: [{unit: a.service}]\n", "master.yaml");

    private static readonly RoleDefinition _worker = RoleFile.Parse(
        "role: worker\ndns: workers\nminimum: {cpus: 1, memory: 1Gi, disk: 20Gi}\nports: [10250/tcp, 53/udp]\nservices: [{unit: b.service}]\n", "worker.yaml");

    private static readonly InspectionFacts _well = new()
    {
        Processors = 2,
        MemoryBytes = 1L << 30,
        DiskBytes = 20L << 30,
        TakenPorts = [],
        Names = [new NameFact("master", "masters.demo.k8s", ["10.0.0.20", Own], Failure: null)],
        Reverse = new ReverseFact(["master1.demo.k8s"], ["master1.demo.k8s"]),
        Peers = [Peer("10.0.0.11", 0.4, 0.5), Peer("10.0.0.12", 0.75, -0.4)],
        Syncs = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(1), 99), TimeSpan.FromMilliseconds(80)],
    };

    [Fact]
    public void A_machine_as_its_roles_want_it_has_nothing_amiss() =>
        Judge(_well).ShouldBe(
        [
            "Good processors: 2; the role master is meant for 2 and more",
            "Good memory: 1024 MiB; the role master is meant for 1024 MiB and more",
            "Good disk: 20480 MiB; the role worker is meant for 20480 MiB and more",
            "Good ports: 6443/tcp, 10250/tcp, 53/udp: free",
            "Good DNS: masters.demo.k8s names this machine, 10.0.0.21",
            "Good reverse DNS: 10.0.0.21 is master1.demo.k8s",
            "Good clock: as that of 10.0.0.11, 10.0.0.12",
            "Good latency: at most 0.8 ms to 10.0.0.11, 10.0.0.12",
            "Good disk's speed: 99 of 100 writes are on it within 1 ms, half within 1 ms",
        ]);

    [Fact]
    public void Each_thing_that_is_amiss_is_one_finding() =>
        Judge(new InspectionFacts
        {
            Processors = 1,
            MemoryBytes = 700L << 20,
            DiskBytes = 10L << 30,
            TakenPorts = [new RolePort { Number = 6443, Protocol = "tcp" }],
            Names = [new NameFact("master", "masters.demo.k8s", ["10.0.0.20"], Failure: null), new NameFact("worker", "workers.demo.k8s", [], "the name does not exist (NXDOMAIN)")],
            Reverse = new ReverseFact(["old.demo.k8s"], []),
            Peers = [Peer("10.0.0.11", 14.2, 12)],
            Syncs = [TimeSpan.FromMilliseconds(30)],
        }).ShouldBe(
        [
            "Fault processors: 1; the role master is meant for 2 and more",
            "Fault memory: 700 MiB; the role master is meant for 1024 MiB and more",
            "Fault disk: 10240 MiB; the role worker is meant for 20480 MiB and more",
            "Fault ports: something listens at 6443/tcp already, which a role of this machine needs",
            "Fault DNS: masters.demo.k8s names 10.0.0.20 and not this machine, 10.0.0.21, which has the role master",
            "Fault DNS: workers.demo.k8s gives no address (the name does not exist (NXDOMAIN))",
            "Notice reverse DNS: 10.0.0.21 is old.demo.k8s, which does not lead back to it",
            "Fault clock: 12 s behind that of 10.0.0.11",
            "Fault latency: 14.2 ms to 10.0.0.11; a cluster is meant for 10 ms and less",
            "Notice disk's speed: 99 of 100 writes are on it within 30 ms, half within 30 ms; etcd is meant for 10 ms",
        ]);

    [Fact]
    public void What_could_not_be_looked_at_is_nobodys_fault() =>
        Judge(new InspectionFacts
        {
            Processors = 2,
            Reverse = new ReverseFact([], []),
            Peers = [new PeerFact("etcd", "10.0.0.11", RoundTrip: null, ClockAhead: null)],
        }).ShouldBe(
        [
            "Good processors: 2; the role master is meant for 2 and more",
            "Unknown memory: nothing says how much there is",
            "Unknown disk: nothing says how much there is",
            "Unknown reverse DNS: 10.0.0.21 has no name, and needs none",
            "Unknown clock: no peer says what time it is yet",
            "Unknown latency: no answer yet of 10.0.0.11",
        ]);

    [Theory]
    [InlineData(918, true, "seven eighths: what firmware and kernel leave of 1 GiB")]
    [InlineData(896, true, "the least that counts")]
    [InlineData(895, false, "less")]
    public void A_machine_of_the_nominal_size_is_large_enough(int mebibytes, bool isGood, string why) =>
        Of(_well with { MemoryBytes = (long)mebibytes << 20 }, "memory").Weight
            .ShouldBe(isGood ? FindingWeight.Good : FindingWeight.Fault, why);

    [Fact]
    public void Of_two_slow_writes_in_a_hundred_one_counts() =>
        Of(_well with { Syncs = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(1), 98), TimeSpan.FromMilliseconds(11), TimeSpan.FromMilliseconds(80)] }, "disk's speed")
            .Detail.ShouldStartWith("99 of 100 writes are on it within 11 ms, half within 1 ms");

    [Fact]
    public void Whose_clock_is_wrong_is_said_by_most_of_the_peers()
    {
        Of(_well with { Peers = [Peer("10.0.0.11", 1, -7), Peer("10.0.0.12", 1, 0), Peer("10.0.0.13", 1, 0)] }, "clock")
            .ShouldBe(new Finding("clock", FindingWeight.Notice, "7 s ahead of that of 10.0.0.11"));
        Of(_well with { Peers = [Peer("10.0.0.11", 1, -7), Peer("10.0.0.12", 1, -7), Peer("10.0.0.13", 1, 0)] }, "clock").Weight
            .ShouldBe(FindingWeight.Fault);
        Of(_well with { Peers = [Peer("10.0.0.11", 1, 2.9), Peer("10.0.0.12", 1, -2.9)] }, "clock").Weight
            .ShouldBe(FindingWeight.Good, "peers say whole seconds");
    }

    [Fact]
    public void Of_many_addresses_the_first_nine_are_said() =>
        Of(_well with { Names = [new NameFact("worker", "workers.demo.k8s", [.. Enumerable.Range(1, 100).Select(part => $"10.0.1.{part}")], Failure: null)] }, "DNS").Detail
            .ShouldEndWith("10.0.1.8, 10.0.1.9 and 91 more and not this machine, 10.0.0.21, which has the role worker");

    [Fact]
    public void A_role_that_says_nothing_of_its_machine_is_asked_nothing() =>
        InspectionRule.Judge([RoleFile.Parse("role: own\ndns: own\nservices: [{unit: a.service}]\n", "own.yaml")], Own, new InspectionFacts { Processors = 1, TakenPorts = [] })
            .ShouldBeEmpty();

    private static PeerFact Peer(string address, double milliseconds, double secondsAhead) =>
        new("etcd", address, TimeSpan.FromMilliseconds(milliseconds), TimeSpan.FromSeconds(secondsAhead));

    private static string[] Judge(InspectionFacts facts) =>
        [.. InspectionRule.Judge([_master, _worker], Own, facts).Select(finding => $"{finding.Weight} {finding}")];

    private static Finding Of(InspectionFacts facts, string subject) =>
        InspectionRule.Judge([_master, _worker], Own, facts).Single(finding => finding.Subject == subject);
}
