using Images.Bootstrapper.Kubernetes.Api;
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
        ShouldBe(lab.Dig("_http._tcp.db.default.svc.cluster.local", "SRV"), "NXDOMAIN", hasAnswer: false);
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
        Write(lab, [Service("db", "None")], [WithPorts(Slice("db", [.. Enumerable.Range(1, 250).Select(number => Endpoint($"10.200.2.{number}"))]), ("sql", 5432, "TCP"))]);
        lab.RunUnitCommand("ExecStartPre");
        await lab.StartAsync();
        lab.Dig("+ignore", "db.default.svc.cluster.local").ShouldContain(" tc ");
        lab.Answers("db.default.svc.cluster.local").Length.ShouldBe(250);
        lab.Dig("+ignore", "_sql._tcp.db.default.svc.cluster.local", "SRV").ShouldContain(" tc ");
        lab.Answers("_sql._tcp.db.default.svc.cluster.local", "SRV").Length.ShouldBe(250);
    }

    /// <summary>
    /// What upstream's conformance tests ask (test/e2e/network/dns.go, dns_common.go): names of Services with and without an address, whole and by the pod's
    /// search path, servers of named ports, reverse names, pods by address, by host name and subdomain, ExternalName before and after a change; each by
    /// datagram and over TCP.
    /// </summary>
    [Fact]
    public async Task Every_question_of_the_conformance_tests_has_its_answer()
    {
        using NameServerLab lab = new("host-record=foo.example.com,198.51.100.7\nhost-record=bar.example.com,198.51.100.8");
        KubernetesObject[] services =
        [
            Service("kubernetes", "10.32.0.1"), WithPorts(Service("test-service-2", "10.32.0.22", "dns-1"), ("http", 80, "TCP")), Service("dns-test-service", "None", "dns-1"),
            Service("dns-test-service-2", "None", "dns-1"), Elsewhere("foo.example.com"),
        ];
        KubernetesObject[] slices =
        [
            WithPorts(SliceOf("IPv4", "dns-1", "dns-test-service", Endpoint("10.200.1.2")), ("http", 80, "TCP")),
            SliceOf("IPv4", "dns-1", "dns-test-service-2", Endpoint("10.200.1.2", hostname: "dns-querier-2")),
        ];
        Write(lab, services, slices);
        lab.RunUnitCommand("ExecStartPre");
        await lab.StartAsync();

        string[] Search(params string[] question) => lab.Answers(["+search", "+ndots=5", "+domain=dns-1.svc.cluster.local", .. question]);
        foreach (string way in (string[])["+notcp", "+tcp"])
        {
            lab.Answers(way, "kubernetes.default.svc.cluster.local").ShouldBe(["10.32.0.1"]);
            foreach (string name in (string[])["dns-test-service", "dns-test-service.dns-1.svc.cluster.local."])
            {
                Search(way, name).ShouldBe(["10.200.1.2"]);
                Search(way, $"_http._tcp.{name}", "SRV").ShouldBe(["0 100 80 10-200-1-2.dns-test-service.dns-1.svc.cluster.local."]);
            }

            Search(way, "_http._tcp.test-service-2", "SRV").ShouldBe(["0 100 80 test-service-2.dns-1.svc.cluster.local."]);
            lab.Answers(way, "-x", "10.32.0.22").ShouldBe(["test-service-2.dns-1.svc.cluster.local."]);
            lab.Answers(way, "10-200-1-2.dns-1.pod.cluster.local").ShouldBe(["10.200.1.2"]);
            lab.Answers(way, "10-200-1-2.dns-test-service.dns-1.svc.cluster.local").ShouldBe(["10.200.1.2"]);
            lab.Answers(way, "dns-querier-2.dns-test-service-2.dns-1.svc.cluster.local").ShouldBe(["10.200.1.2"]);
            lab.Answers(way, "dns-test-service-3.dns-1.svc.cluster.local", "CNAME").ShouldBe(["foo.example.com."]);
            lab.Answers(way, "dns-version.cluster.local", "TXT").ShouldBe(["\"1.1.0\""]);
            lab.Answers(way, "foo.example.com").ShouldBe(["198.51.100.7"]);
        }

        // not over TCP: without a daemon dnsmasq serves that in its only process, and could not be asked for the other name meanwhile
        lab.Answers("dns-test-service-3.dns-1.svc.cluster.local").ShouldBe(["198.51.100.7", "foo.example.com."]);

        services[^1] = Elsewhere("bar.example.com");
        Write(lab, services, slices);
        lab.ReadAgain();
        await NameServerLab.UntilAsync(() => lab.Answers("dns-test-service-3.dns-1.svc.cluster.local", "CNAME") is ["bar.example.com."]);
        services[^1] = Service("dns-test-service-3", "10.32.0.33", "dns-1");
        Write(lab, services, slices);
        lab.ReadAgain();
        await NameServerLab.UntilAsync(() => lab.Answers("dns-test-service-3.dns-1.svc.cluster.local") is ["10.32.0.33"]);
        lab.AskedOutside.ShouldNotContain("cluster.local");
    }

    [Fact]
    public async Task Services_are_found_while_our_own_server_is_away_and_the_rest_when_it_is_back()
    {
        using NameServerLab lab = new("host-record=www.example.com,198.51.100.7");
        Write(lab, "None", withSecond: false);
        lab.RunUnitCommand("ExecStartPre");
        await lab.StartAsync();
        lab.StopNames();
        lab.Answers("kubernetes.default.svc.cluster.local").ShouldBe(["10.32.0.1"]);
        lab.Answers("www.example.com").ShouldBe(["198.51.100.7"]);
        lab.Dig("_sql._tcp.db.default.svc.cluster.local", "SRV").ShouldNotContain("NXDOMAIN", Case.Sensitive, "what nobody knows is not denied");
        lab.StartNames();
        await NameServerLab.UntilAsync(() => lab.Answers("_sql._tcp.db.default.svc.cluster.local", "SRV") is ["0 100 5432 db-0.db.default.svc.cluster.local."]);
    }

    private static void Write(NameServerLab lab, string address, bool withSecond) => Write(
        lab, [Service("kubernetes", "10.32.0.1"), Service("db", address)],
        [WithPorts(Slice("db", [Endpoint("10.200.1.3", hostname: "db-0"), .. withSecond ? [Endpoint("10.200.2.3")] : Array.Empty<System.Text.Json.Nodes.JsonObject>()]), ("sql", 5432, "TCP"))]);

    private static void Write(NameServerLab lab, KubernetesObject[] services, KubernetesObject[] slices)
    {
        File.WriteAllText(lab.Zone, ClusterDnsZone.Of(services, slices, Settings).ToText());
        File.WriteAllText(lab.Records, ClusterDnsRecords.Of(services, slices, Settings.Domain).ToText());
    }

    private static KubernetesObject Elsewhere(string target)
    {
        KubernetesObject service = Service("dns-test-service-3", "", "dns-1");
        service.Json["spec"]!["type"] = "ExternalName";
        service.Json["spec"]!["externalName"] = target;
        return service;
    }

    private static void ShouldBe(string answer, string status, bool hasAnswer)
    {
        answer.ShouldContain($"status: {status},");
        answer.Contains("ANSWER: 0,", StringComparison.Ordinal).ShouldBe(!hasAnswer, answer);
    }
}
