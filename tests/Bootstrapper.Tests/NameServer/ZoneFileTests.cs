using Images.Bootstrapper.NameServer;
using Images.Formats;

namespace Images.Bootstrapper.Tests.NameServer;

public sealed class ZoneFileTests
{
    public const string Top = "cluster.local. 5 IN SOA ns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5\n";

    [Theory]
    [InlineData("web.cluster.local. 5 IN A 10.32.0.7")]
    [InlineData("_http._tcp.web.cluster.local. 5 IN SRV 0 100 80 web.cluster.local.")]
    [InlineData("out.cluster.local. 5 IN CNAME www.example.com.")]
    [InlineData("v.cluster.local. 5 IN TXT \"1.1.0\"")]
    [InlineData("; a note")]
    [InlineData("")]
    public void A_line_is_a_record_a_note_or_empty(string line) => ZoneFile.Read($"{Top}{line}\n", "zone").Names.ShouldBe(line.Contains(" IN ", StringComparison.Ordinal) ? 1 : 0);

    [Theory]
    [InlineData("web.cluster.local 5 IN A 10.32.0.7")]
    [InlineData("web.cluster.local. 5 IN A 10.32.0")]
    [InlineData("web.cluster.local. 5 IN A fd00::1")]
    [InlineData("web.cluster.local. 5 IN A 10.32.0.7 ")]
    [InlineData("web.cluster.local.  5 IN A 10.32.0.7")]
    [InlineData("web.cluster.local. -5 IN A 10.32.0.7")]
    [InlineData("web.cluster.local. 5 CH A 10.32.0.7")]
    [InlineData("web.cluster.local. 5 IN MX 10.32.0.7")]
    [InlineData("Web.cluster.local. 5 IN A 10.32.0.7")]
    [InlineData("web.cluster.local. 5 IN SRV 0 100 65536 web.cluster.local.")]
    [InlineData("web.cluster.local. 5 IN SRV 0 100 web.cluster.local.")]
    [InlineData("web.cluster.local. 5 IN TXT \"")]
    [InlineData("web.cluster.local. 5 IN TXT \"ü\"")]
    [InlineData("web.cluster.local. 5 IN SOA ns.cluster.local. h.cluster.local. 1 2 3 4")]
    [InlineData("web.example.com. 5 IN A 10.32.0.7")]
    [InlineData("cluster.localx. 5 IN A 10.32.0.7")]
    [InlineData("web.cluster.local. 5 IN A 10.32.0.7\nweb.cluster.local. 5 IN CNAME a.b.")]
    [InlineData("web")]
    public void Anything_else_is_refused(string lines) => Should.Throw<MalformedDataException>(() => ZoneFile.Read($"{Top}{lines}\n", "zone"));

    [Fact]
    public void A_file_without_a_zone_is_refused() => Should.Throw<MalformedDataException>(() => ZoneFile.Read("; nothing\n", "zone")).Message.ShouldBe("zone: at byte 0: it has no zone.");

    [Fact]
    public void The_place_of_a_fault_is_said() => Should.Throw<MalformedDataException>(() => ZoneFile.Read($"{Top}web\n", "zone")).Offset.ShouldBe(Top.Length);
}
