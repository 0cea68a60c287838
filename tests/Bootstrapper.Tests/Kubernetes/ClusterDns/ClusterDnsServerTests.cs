using Images.Bootstrapper.Kubernetes.ClusterDns;
using static Images.Bootstrapper.Tests.Kubernetes.ClusterDns.ClusterDnsSample;

namespace Images.Bootstrapper.Tests.Kubernetes.ClusterDns;

/// <summary>What dig gets in a pod, from the real dnsmasq with the role's own configuration and records of ours.</summary>
public sealed class ClusterDnsServerTests
{
    [Fact]
    public async Task Pods_resolve_Services_and_everything_else_through_their_machine()
    {
        using NameServerLab lab = new("local=/example.com/\nhost-record=www.example.com,198.51.100.7");
        Write(lab, "None", withSecond: true);
        lab.RunUnitCommand("ExecStartPre");
        lab.RunUnitCommand("ExecStartPre");
        await lab.StartAsync();

        lab.Answers("kubernetes.default.svc.cluster.local").ShouldBe(["10.32.0.1"]);
        lab.Answers("+tcp", "kubernetes.default.svc.cluster.local").ShouldBe(["10.32.0.1"]);
        lab.Answers("db.default.svc.cluster.local").ShouldBe(["10.200.1.3", "10.200.2.3"]);
        lab.Answers("db-0.db.default.svc.cluster.local").ShouldBe(["10.200.1.3"]);
        lab.Dig("kubernetes.default.svc.cluster.local").ShouldMatch(@"kubernetes\.default\.svc\.cluster\.local\.\s+5\s+IN\s+A\s+10\.32\.0\.1\n");

        ShouldBe(lab.Dig("kubernetes.default.svc.cluster.local", "AAAA"), "NOERROR", hasAnswer: false);
        ShouldBe(lab.Dig("default.svc.cluster.local"), "NOERROR", hasAnswer: false);
        ShouldBe(lab.Dig("nobody.default.svc.cluster.local"), "NXDOMAIN", hasAnswer: false);
        ShouldBe(lab.Dig("nobody.default.svc.cluster.local", "AAAA"), "NXDOMAIN", hasAnswer: false);
        ShouldBe(lab.Dig("_sql._tcp.db.default.svc.cluster.local", "SRV"), "NXDOMAIN", hasAnswer: false);
        ShouldBe(lab.Dig("plain"), "NXDOMAIN", hasAnswer: false);

        lab.Answers("-x", "10.32.0.1").ShouldBe(["kubernetes.default.svc.cluster.local."]);
        lab.Answers("-x", "10.200.1.3").ShouldBe(["db-0.db.default.svc.cluster.local."]);
        ShouldBe(lab.Dig("-x", "10.32.0.99"), "NXDOMAIN", hasAnswer: false);
        ShouldBe(lab.Dig("-x", "10.200.9.9"), "NXDOMAIN", hasAnswer: false);

        lab.Answers("www.example.com").ShouldBe(["198.51.100.7"]);
        ShouldBe(lab.Dig("nobody.example.com"), "NXDOMAIN", hasAnswer: false);
        lab.AskedOutside.ShouldContain("query[A] www.example.com");
        lab.AskedOutside.ShouldNotContain("cluster.local");
        lab.AskedOutside.ShouldNotContain("in-addr.arpa");
        lab.AskedOutside.ShouldNotContain("plain");
    }

    [Fact]
    public async Task Records_that_change_are_answered_after_a_signal_and_the_address_goes_with_the_unit()
    {
        using NameServerLab lab = new("");
        Write(lab, "None", withSecond: false);
        lab.RunUnitCommand("ExecStartPre");
        await lab.StartAsync();
        lab.Answers("db.default.svc.cluster.local").ShouldBe(["10.200.1.3"]);

        Write(lab, "None", withSecond: true);
        lab.ReadAgain();
        await NameServerLab.UntilAsync(() => lab.Answers("db.default.svc.cluster.local").Length == 2);
        Write(lab, "10.32.0.7", withSecond: true);
        lab.ReadAgain();
        await NameServerLab.UntilAsync(() => lab.Answers("db.default.svc.cluster.local") is ["10.32.0.7"]);
        ShouldBe(lab.Dig("db-0.db.default.svc.cluster.local"), "NXDOMAIN", hasAnswer: false);

        lab.MachineAddresses.ShouldContain(NameServerLab.Address);
        lab.RunUnitCommand("ExecStopPost");
        lab.MachineAddresses.ShouldNotContain(NameServerLab.Address);
    }

    [Fact]
    public async Task A_Service_with_hundreds_of_endpoints_is_answered_whole()
    {
        using NameServerLab lab = new("");
        File.WriteAllText(lab.Records, ClusterDnsRecords.Of([Service("db", "None")], [Slice("db", [.. Enumerable.Range(1, 250).Select(number => Endpoint($"10.200.2.{number}"))])], "cluster.local").ToText());
        lab.RunUnitCommand("ExecStartPre");
        await lab.StartAsync();
        lab.Dig("+ignore", "db.default.svc.cluster.local").ShouldContain(" tc ");
        lab.Answers("db.default.svc.cluster.local").Length.ShouldBe(250);
    }

    private static void Write(NameServerLab lab, string address, bool withSecond) => File.WriteAllText(lab.Records, ClusterDnsRecords.Of(
        [Service("kubernetes", "10.32.0.1"), Service("db", address)],
        [Slice("db", [Endpoint("10.200.1.3", hostname: "db-0"), .. withSecond ? [Endpoint("10.200.2.3")] : Array.Empty<System.Text.Json.Nodes.JsonObject>()])],
        "cluster.local").ToText());

    private static void ShouldBe(string answer, string status, bool hasAnswer)
    {
        answer.ShouldContain($"status: {status},");
        answer.Contains("ANSWER: 0,", StringComparison.Ordinal).ShouldBe(!hasAnswer, answer);
    }
}
