using Images.Bootstrapper.NameServer;
using Images.Formats.Dns;

namespace Images.Bootstrapper.Tests.NameServer;

public sealed class ClusterZonesTests
{
    private static readonly ClusterZones _zones = ZoneFile.Read(
        ZoneFileTests.Top
            + "32.10.in-addr.arpa. 5 IN SOA ns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5\n"
            + "web.shop.svc.cluster.local. 5 IN A 10.32.0.7\n"
            + "db.shop.svc.cluster.local. 5 IN A 10.200.1.2\ndb.shop.svc.cluster.local. 5 IN A 10.200.2.2\ndb.shop.svc.cluster.local. 5 IN A 10.200.3.2\n"
            + "_http._tcp.web.shop.svc.cluster.local. 5 IN SRV 0 100 80 web.shop.svc.cluster.local.\n"
            + "out.shop.svc.cluster.local. 5 IN CNAME www.example.com.\n"
            + "to-web.shop.svc.cluster.local. 5 IN CNAME web.shop.svc.cluster.local.\n"
            + "to-none.shop.svc.cluster.local. 5 IN CNAME none.shop.svc.cluster.local.\n"
            + "a.shop.svc.cluster.local. 5 IN CNAME b.shop.svc.cluster.local.\nb.shop.svc.cluster.local. 5 IN CNAME a.shop.svc.cluster.local.\n"
            + "7.0.32.10.in-addr.arpa. 5 IN PTR web.shop.svc.cluster.local.\n",
        "zone");

    [Theory]
    [InlineData("web.shop.svc.cluster.local", "A", "NoError", 1)]
    [InlineData("web.shop.svc.cluster.local", "Aaaa", "NoError", 0)]
    [InlineData("web.shop.svc.cluster.local", "Any", "NoError", 1)]
    [InlineData("_http._tcp.web.shop.svc.cluster.local", "Srv", "NoError", 1)]
    [InlineData("_tcp.web.shop.svc.cluster.local", "A", "NoError", 0)] // a name below it exists
    [InlineData("shop.svc.cluster.local", "A", "NoError", 0)]
    [InlineData("cluster.local", "A", "NoError", 0)]
    [InlineData("cluster.local", "Soa", "NoError", 1)]
    [InlineData("nobody.shop.svc.cluster.local", "A", "NameError", 0)]
    [InlineData("x.web.shop.svc.cluster.local", "A", "NameError", 0)]
    [InlineData(@"web\046shop.svc.cluster.local", "A", "NameError", 0)]
    [InlineData("7.0.32.10.in-addr.arpa", "Ptr", "NoError", 1)]
    [InlineData("0.32.10.in-addr.arpa", "Ptr", "NoError", 0)]
    [InlineData("8.0.32.10.in-addr.arpa", "Ptr", "NameError", 0)]
    [InlineData("www.example.com", "A", "Refused", 0)]
    [InlineData("", "A", "Refused", 0)]
    [InlineData("local", "A", "Refused", 0)]
    [InlineData("xcluster.local", "A", "Refused", 0)]
    [InlineData("10-200-1-2.shop.pod.cluster.local", "A", "NoError", 1)]
    [InlineData("10-200-1-2.shop.pod.cluster.local", "Aaaa", "NoError", 0)]
    [InlineData("shop.pod.cluster.local", "A", "NoError", 0)]
    [InlineData("pod.cluster.local", "A", "NoError", 0)]
    [InlineData("10-200-1.shop.pod.cluster.local", "A", "NameError", 0)]
    [InlineData("10-200-1-02.shop.pod.cluster.local", "A", "NameError", 0)]
    [InlineData("10-200-1-256.shop.pod.cluster.local", "A", "NameError", 0)]
    [InlineData("x.10-200-1-2.shop.pod.cluster.local", "A", "NameError", 0)]
    public void A_name_that_does_not_exist_differs_from_one_without_such_records(string name, string type, string code, int answers)
    {
        ZoneAnswer answer = _zones.Answer(name, Enum.Parse<DnsType>(type), 0);
        ($"{answer.Code}", answer.Answers.Count).ShouldBe((code, answers));
        (answer.Authority is not null).ShouldBe(code != "Refused" && answers == 0, "says for how long that holds");
    }

    [Fact]
    public void A_server_s_address_comes_along()
    {
        ZoneAnswer answer = _zones.Answer("_http._tcp.web.shop.svc.cluster.local", DnsType.Srv, 0);
        answer.Additionals.ShouldHaveSingleItem().Owner.ShouldBe("web.shop.svc.cluster.local");
    }

    [Fact]
    public void Records_of_one_name_begin_elsewhere_with_each_turn()
    {
        byte[] First(int turn) => [.. _zones.Answer("db.shop.svc.cluster.local", DnsType.A, turn).Answers.Select(item => item.Record.Data[2])];
        First(0).ShouldBe([1, 2, 3]);
        First(1).ShouldBe([2, 3, 1]);
        First(65535).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_name_that_stands_for_another_is_followed_here_and_named_where_it_leads_outside()
    {
        ZoneAnswer inside = _zones.Answer("to-web.shop.svc.cluster.local", DnsType.A, 0);
        inside.Answers.Select(item => item.Record.Type).ShouldBe([DnsType.Cname, DnsType.A]);
        (inside.Code, inside.Outside).ShouldBe((DnsCode.NoError, null));

        ZoneAnswer outside = _zones.Answer("out.shop.svc.cluster.local", DnsType.A, 0);
        outside.Answers.ShouldHaveSingleItem().Record.Type.ShouldBe(DnsType.Cname);
        (outside.Code, outside.Outside).ShouldBe((DnsCode.NoError, "www.example.com"));

        _zones.Answer("out.shop.svc.cluster.local", DnsType.Cname, 0).Outside.ShouldBeNull("the name itself was asked for");
        ZoneAnswer missing = _zones.Answer("to-none.shop.svc.cluster.local", DnsType.A, 0);
        (missing.Code, missing.Answers.Count).ShouldBe((DnsCode.NameError, 1));
        _zones.Answer("a.shop.svc.cluster.local", DnsType.A, 0).Code.ShouldBe(DnsCode.ServerFailure, "it leads round in a circle");
    }
}
