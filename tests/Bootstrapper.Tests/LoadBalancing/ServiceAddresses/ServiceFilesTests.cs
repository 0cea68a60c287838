using Images.Bootstrapper.LoadBalancing.ServiceAddresses;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.LoadBalancing.ServiceAddresses;

/// <summary>
/// What haproxy and the kernel are given, beside what it was when someone last looked at it; LoadBalancingFilesTests lets the image's programs judge
/// the same texts. IMAGES_WRITE_GOLDENS=1 writes what it is now.
/// </summary>
public sealed class ServiceFilesTests
{
    private static readonly string _golden = Path.Combine(Checkout.Folder, "tests/Bootstrapper.Tests/Roles/testdata/goldens/load-balancing/services.txt");

    private static ServicePlan Plan { get; } = ServicePlan.Of(
        [
            ServiceSample.Service("hello", "10.0.0.64", ports: """[{"port":80,"nodePort":30080},{"port":80,"protocol":"UDP","nodePort":30081}]"""),
            ServiceSample.Service("local", "10.0.0.65", spec: """{"externalTrafficPolicy":"Local","healthCheckNodePort":32000,"sessionAffinity":"ClientIP"}""", ports: """[{"port":443,"nodePort":30443},{"port":443,"protocol":"UDP","nodePort":30444}]"""),
            ServiceSample.Service("closed", "10.0.0.66", spec: """{"loadBalancerSourceRanges":["10.0.0.0/8","192.0.2.7/32"]}""", ports: """[{"port":6443,"nodePort":30643},{"port":53,"protocol":"UDP","nodePort":30053}]"""),
            ServiceSample.Service("shut", "10.0.0.67", spec: """{"loadBalancerSourceRanges":["fd00::/8"]}"""),
        ],
        ServiceSample.Pool);

    [Fact]
    public void Files_for_Services_are_what_they_were()
    {
        string text = $"=== /etc/haproxy/services.d/services.cfg 0640 root:haproxy\n{HaproxyServices.Write(Plan, 16, ["10.0.0.31", "10.0.0.32"])}\n"
            + $"=== /run/images-services.nft 0600 root:root\n{ServiceTable.Write(ServiceTable.Rules(Plan, Well))}\n"
            + $"=== /run/images-none.nft 0600 root:root\n{ServiceTable.Write(ServiceTable.Rules(ServicePlan.Empty, Well))}";
        if (Environment.GetEnvironmentVariable("IMAGES_WRITE_GOLDENS") == "1")
        {
            File.WriteAllText(_golden, text);
        }

        text.ShouldBe(File.ReadAllText(_golden));
    }

    [Fact]
    public void Only_who_is_well_gets_UDP_and_where_nobody_is_nothing_is_translated()
    {
        string none = ServiceTable.Rules(Plan, _ => []), one = ServiceTable.Rules(Plan, _ => ["10.0.0.31"]);

        none.ShouldNotContain("dnat to");
        one.ShouldContain("ip daddr 10.0.0.64 udp dport 80 dnat to 10.0.0.31:30081");
        ServiceTable.MarkOf(none).ShouldNotBe(ServiceTable.MarkOf(one));
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(8, 16)]
    [InlineData(9, 32)]
    [InlineData(100, 64)]
    public void There_are_places_for_workers_that_come_later(int workers, int places) => HaproxyServices.PlacesFor(workers).ShouldBe(places);

    [Fact]
    public void Workers_beyond_the_places_are_left_out()
    {
        string text = HaproxyServices.Write(Plan, 16, [.. Enumerable.Range(1, 20).Select(number => $"10.0.1.{number}")]);

        text.ShouldContain("server w16 10.0.1.16:30080 check\n");
        text.ShouldNotContain("10.0.1.17");
        text.ShouldNotContain("server-template");
    }

    private static IReadOnlyList<string> Well(ServicePort port) => ["10.0.0.31", "10.0.0.32"];
}
