using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.ClusterDns;
using static Images.Bootstrapper.Tests.Kubernetes.ClusterDns.ClusterDnsSample;

namespace Images.Bootstrapper.Tests.Kubernetes.ClusterDns;

public sealed partial class ClusterDnsRecordsTests
{
    [Fact]
    public void A_Service_with_an_address_has_its_name_whatever_its_endpoints_are() =>
        Lines([Service("kubernetes", "10.32.0.1"), Service("web", "10.32.0.7", "shop")], [SliceOf("IPv4", "shop", "web", Endpoint("10.200.1.2", hostname: "a"))])
            .ShouldBe(["10.32.0.1 kubernetes.default.svc.cluster.local", "10.32.0.7 web.shop.svc.cluster.local"]);

    [Fact]
    public void A_headless_Service_has_the_addresses_of_all_its_ready_endpoints_from_all_its_slices() =>
        Lines(
            [Service("db", "None")],
            [Slice("db", Endpoint("10.200.2.2"), Endpoint("10.200.3.3", ready: false)), Slice("db", Endpoint("10.200.1.2", ready: null), Endpoint("10.200.2.2")), Slice("other", Endpoint("10.200.9.9"))])
            .ShouldBe(["10.200.1.2 db.default.svc.cluster.local", "10.200.2.2 db.default.svc.cluster.local"]);

    [Fact]
    public void A_headless_Service_that_asks_for_it_has_endpoints_that_are_not_ready_too() =>
        Lines([Service("db", "None", takesAll: true)], [Slice("db", Endpoint("10.200.3.3", ready: false))]).ShouldBe(["10.200.3.3 db.default.svc.cluster.local"]);

    [Fact]
    public void An_endpoint_with_a_host_name_has_a_name_of_its_own_which_reverse_questions_find_first() =>
        Lines([Service("db", "None"), Service("all", "None"), Service("web", "10.32.0.7")], [Slice("db", Endpoint("10.200.1.2", hostname: "db-0")), Slice("all", Endpoint("10.200.1.2"), Endpoint("10.32.0.7"))])
            .ShouldBe(
            [
                "10.32.0.7 web.default.svc.cluster.local",
                "10.200.1.2 db-0.db.default.svc.cluster.local",
                "10.200.1.2 all.default.svc.cluster.local",
                "10.200.1.2 db.default.svc.cluster.local",
                "10.32.0.7 all.default.svc.cluster.local",
            ]);

    [Fact]
    public void Slices_of_another_namespace_or_another_family_do_not_count() =>
        Lines([Service("db", "None")], [SliceOf("IPv4", "other", "db", Endpoint("10.200.1.2")), SliceOf("IPv6", "default", "db", Endpoint("fd00::2")), SliceOf("FQDN", "default", "db", Endpoint("example.com"))])
            .ShouldBeEmpty();

    [Fact]
    public void A_Service_without_an_address_or_with_an_external_name_has_no_record()
    {
        KubernetesObject external = Service("out", "None");
        external.Json["spec"]!["type"] = "ExternalName";
        Lines([external, Service("new", ""), Service("six", "fd00::1")], [Slice("out", Endpoint("10.200.1.2"))]).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_no_name_or_no_address_does_not_reach_the_file_and_names_are_told()
    {
        ClusterDnsRecords records = ClusterDnsRecords.Of(
            [Service("a\n10.0.0.1 evil", "10.32.0.9"), Service("db", "None"), Service("b", "10.32.0.9 evil"), Service("c", "1")],
            [Slice("db", Endpoint("10.200.1.2\n10.0.0.1 evil"), Endpoint("10.200.1.3", hostname: "x y"), Endpoint("010.200.1.4"))],
            "cluster.local");
        records.Lines.ShouldBe(["10.200.1.3 db.default.svc.cluster.local"]);
        records.Faults.ShouldBe(
        [
            @"the Service 'default'/'a\n10.0.0.1 evil' cannot have a name in DNS",
            "an endpoint of the Service default/db cannot have the name 'x y' in DNS",
        ]);
    }

    [Fact]
    public void A_name_that_would_be_longer_than_DNS_allows_is_left_out_and_told()
    {
        string label = new('a', 63), domain = string.Join('.', Enumerable.Repeat(label, 2));
        ClusterDnsRecords records = ClusterDnsRecords.Of([Service(label, "None", label)], [Slice(label, Endpoint("10.200.1.2"))], domain);
        records.Lines.ShouldBeEmpty();
        records.Faults.ShouldHaveSingleItem().ShouldContain("cannot have a name in DNS");
    }

    [Fact]
    public void Whatever_the_API_says_the_file_has_only_well_formed_lines_and_does_not_depend_on_the_order()
    {
        string[] names = ["a", "b-1", "a\nb", "x y", "", "-", new string('c', 64), "#", "ü"], addresses = ["10.0.0.1", "10.0.0.2", "None", "", "fd00::1", "1", "10.0.0.1\n", "10.0.0.1 b", "999.1.1.1"];
        Gen<string> name = Gen.Elements(names), address = Gen.Elements(addresses);
        Gen<KubernetesObject> service = from n in name from a in address from s in name from all in Gen.Elements(true, false) select Service(n, a, s, all);
        Gen<KubernetesObject> slice =
            from n in name from s in name from a in address from h in name from r in Gen.Elements(true, false) select SliceOf("IPv4", s, n, Endpoint(a, r, h));
        Gen<(KubernetesObject[] Services, KubernetesObject[] Slices)> cluster =
            from services in service.ArrayOf(8)
            from slices in slice.ArrayOf(20)
            select (services.DistinctBy(item => item.ToString(), StringComparer.Ordinal).ToArray(), slices);
        Prop.ForAll(cluster.ToArbitrary(), made =>
        {
            ClusterDnsRecords records = ClusterDnsRecords.Of(made.Services, made.Slices, "cluster.local");
            foreach (string line in records.ToText().Split('\n')[1..^1])
            {
                line.ShouldMatch(WellFormed().ToString());
            }

            records.Lines.ShouldBeUnique();
            ClusterDnsRecords.Of([.. Enumerable.Reverse(made.Services)], [.. Enumerable.Reverse(made.Slices)], "cluster.local").ToText().ShouldBe(records.ToText());
        }).QuickCheckThrowOnFailure();
    }

    private static IReadOnlyList<string> Lines(IReadOnlyList<KubernetesObject> services, IReadOnlyList<KubernetesObject> slices)
    {
        ClusterDnsRecords records = ClusterDnsRecords.Of(services, slices, "cluster.local");
        records.Faults.ShouldBeEmpty();
        return records.Lines;
    }

    [GeneratedRegex(@"\A10\.0\.0\.[12] ([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){2,3}svc\.cluster\.local\z")]
    private static partial Regex WellFormed();
}
