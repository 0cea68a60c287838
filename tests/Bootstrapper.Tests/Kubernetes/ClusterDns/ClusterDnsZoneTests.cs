using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.ClusterDns;
using Images.Bootstrapper.NameServer;
using static Images.Bootstrapper.Tests.Kubernetes.ClusterDns.ClusterDnsSample;

namespace Images.Bootstrapper.Tests.Kubernetes.ClusterDns;

public sealed class ClusterDnsZoneTests
{
    private const string Version = "dns-version.cluster.local. 5 IN TXT \"1.1.0\"";

    [Fact]
    public void A_Service_with_an_address_has_its_name_its_reverse_name_and_its_named_ports() =>
        Lines([WithPorts(Service("web", "10.32.0.7", "shop"), ("http", 80, "TCP"), ("quic", 443, "UDP"), ("", 9, "TCP"))], [])
            .ShouldBe(
            [
                "7.0.32.10.in-addr.arpa. 5 IN PTR web.shop.svc.cluster.local.",
                "_http._tcp.web.shop.svc.cluster.local. 5 IN SRV 0 100 80 web.shop.svc.cluster.local.",
                "_quic._udp.web.shop.svc.cluster.local. 5 IN SRV 0 100 443 web.shop.svc.cluster.local.",
                Version,
                "web.shop.svc.cluster.local. 5 IN A 10.32.0.7",
            ]);

    [Fact]
    public void A_headless_Service_has_a_name_and_a_server_for_each_endpoint_with_the_endpoint_s_port() =>
        Lines(
            [Service("db", "None")],
            [WithPorts(Slice("db", Endpoint("10.200.1.2", hostname: "db-0"), Endpoint("10.200.2.2"), Endpoint("10.200.3.3", ready: false)), ("sql", 5432, "TCP"))])
            .ShouldBe(
            [
                "10-200-2-2.db.default.svc.cluster.local. 5 IN A 10.200.2.2",
                "2.1.200.10.in-addr.arpa. 5 IN PTR db-0.db.default.svc.cluster.local.",
                "2.2.200.10.in-addr.arpa. 5 IN PTR 10-200-2-2.db.default.svc.cluster.local.",
                "_sql._tcp.db.default.svc.cluster.local. 5 IN SRV 0 100 5432 10-200-2-2.db.default.svc.cluster.local.",
                "_sql._tcp.db.default.svc.cluster.local. 5 IN SRV 0 100 5432 db-0.db.default.svc.cluster.local.",
                "db-0.db.default.svc.cluster.local. 5 IN A 10.200.1.2",
                "db.default.svc.cluster.local. 5 IN A 10.200.1.2",
                "db.default.svc.cluster.local. 5 IN A 10.200.2.2",
                Version,
            ]);

    [Fact]
    public void A_headless_Service_that_asks_for_it_has_endpoints_that_are_not_ready_too() =>
        Lines([Service("db", "None", takesAll: true)], [Slice("db", Endpoint("10.200.3.3", ready: false))]).ShouldContain("db.default.svc.cluster.local. 5 IN A 10.200.3.3");

    [Fact]
    public void An_address_that_is_no_pod_s_has_no_reverse_name_here() =>
        Lines([Service("db", "None")], [Slice("db", Endpoint("192.0.2.9"))]).ShouldNotContain(line => line.Contains(" PTR ", StringComparison.Ordinal));

    [Theory]
    [InlineData("www.example.com", "www.example.com.")]
    [InlineData("WWW.example.com.", "www.example.com.")]
    [InlineData("_sip.example.com", "_sip.example.com.")]
    [InlineData("10.0.0.1", "10.0.0.1.")]
    public void A_Service_that_stands_for_a_name_outside_is_another_name_of_it(string given, string written) =>
        Lines([Elsewhere("out", given)], []).ShouldBe([Version, $"out.default.svc.cluster.local. 5 IN CNAME {written}"]);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\nb. 5 IN A 10.0.0.1")]
    [InlineData("a..b")]
    public void One_that_stands_for_no_name_is_left_out_and_told(string given)
    {
        ClusterDnsZone zone = Zone([Elsewhere("out", given)], []);
        zone.Lines.ShouldBe([Version]);
        zone.Faults.ShouldHaveSingleItem().ShouldStartWith("the Service default/out cannot stand for '");
    }

    [Fact]
    public void A_port_whose_name_is_none_is_left_out_and_told_once()
    {
        ClusterDnsZone zone = Zone([WithPorts(Service("web", "10.32.0.7"), ("a b", 80, "TCP"), ("a b", 80, "UDP"), ("ok", 0, "TCP"))], []);
        zone.Lines.ShouldNotContain(line => line.Contains(" SRV ", StringComparison.Ordinal));
        zone.Faults.ShouldBe(["a port of the Service default/web cannot have the name 'a b' in DNS"]);
    }

    [Theory]
    [InlineData("10.32.0.0/24", "0.32.10.in-addr.arpa.")]
    [InlineData("10.200.0.0/16", "200.10.in-addr.arpa.")]
    [InlineData("10.96.0.0/12", "10.in-addr.arpa.")]
    [InlineData("10.32.0.128/25", "0.32.10.in-addr.arpa.")]
    public void A_network_s_reverse_zone_is_the_smallest_that_holds_it(string network, string zone) =>
        ClusterDnsZone.Of([], [], new ClusterDnsSettings("cluster.local", [IPNetwork.Parse(network)])).ToText().ShouldContain($"\n{zone} 5 IN SOA ");

    [Fact]
    public void Whatever_the_API_says_the_server_reads_the_file_and_it_does_not_depend_on_the_order()
    {
        string[] names = ["a", "b-1", "a\nb", "x y", "", "-", new string('c', 64), "#", "ü", "1"], addresses = ["10.0.0.1", "10.200.0.2", "None", "", "fd00::1", "1", "10.0.0.1\n", "10.0.0.1 b"];
        Gen<string> name = Gen.Elements(names), address = Gen.Elements(addresses);
        Gen<KubernetesObject> service =
            from n in name from a in address from s in name from p in name from out1 in Gen.Elements(true, false) select out1 ? Elsewhere(n, p) : WithPorts(Service(n, a, s), (p, 80, "TCP"));
        Gen<KubernetesObject> slice =
            from n in name from s in name from a in address from h in name from p in name select WithPorts(SliceOf("IPv4", s, n, Endpoint(a, true, h)), (p, 1, "UDP"));
        Gen<(KubernetesObject[] Services, KubernetesObject[] Slices)> cluster =
            from services in service.ArrayOf(8)
            from slices in slice.ArrayOf(20)
            select (services.DistinctBy(item => item.ToString(), StringComparer.Ordinal).ToArray(), slices);
        Prop.ForAll(cluster.ToArbitrary(), made =>
        {
            ClusterDnsZone zone = Zone(made.Services, made.Slices);
            ZoneFile.Read(zone.ToText(), "zone").Names.ShouldBe(zone.Lines.Select(line => line.Split(' ')[0]).Distinct(StringComparer.Ordinal).Count());
            Zone([.. Enumerable.Reverse(made.Services)], [.. Enumerable.Reverse(made.Slices)]).ToText().ShouldBe(zone.ToText());
        }).QuickCheckThrowOnFailure();
    }

    private static KubernetesObject Elsewhere(string name, string target)
    {
        KubernetesObject service = Service(name, "");
        service.Json["spec"]!["type"] = "ExternalName";
        service.Json["spec"]!["externalName"] = target;
        return service;
    }

    private static ClusterDnsZone Zone(IReadOnlyList<KubernetesObject> services, IReadOnlyList<KubernetesObject> slices) => ClusterDnsZone.Of(services, slices, Settings);

    private static IReadOnlyList<string> Lines(IReadOnlyList<KubernetesObject> services, IReadOnlyList<KubernetesObject> slices)
    {
        ClusterDnsZone zone = Zone(services, slices);
        zone.Faults.ShouldBeEmpty();
        return zone.Lines;
    }
}
