using System.Net;
using System.Text;
using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Tests.Discovery;

public sealed class ReverseNamesTests
{
    [Theory]
    [InlineData("""{"parameters":{"names":[{"ifindex":2,"name":"etcd1.demo.k8s"},{"name":"B.demo.k8s."}],"flags":1}}""", "B.demo.k8s. etcd1.demo.k8s.")]
    [InlineData("""{"error":"io.systemd.Resolve.DNSError","parameters":{"rcode":3}}""", "")]
    [InlineData("""{"parameters":{"names":[{"name":"../../etc/x"},{"name":"a b"},{"name":""},{"name":"a..b"},{"name":null}]}}""", "")]
    public void Names_of_machines_are_read_and_nothing_else(string reply, string names) =>
        string.Join(' ', ReverseNames.Read(Encoding.UTF8.GetBytes(reply))).ShouldBe(names);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"parameters":{"names":7}}""")]
    [InlineData("""{"parameters":{"names":[7]}}""")]
    [InlineData("""{"parameters":{"names":[{"name":7}]}}""")]
    public void What_is_no_answer_is_refused(string reply) =>
        Should.Throw<InvalidDataException>(() => ReverseNames.Read(Encoding.UTF8.GetBytes(reply)));

    [Fact]
    public async Task Where_resolved_does_not_run_an_address_has_no_name() =>
        (await new ReverseNames("/nowhere/socket").OfAsync(IPAddress.Loopback, CancellationToken.None)).ShouldBeEmpty();
}
