using Images.Baker.Seeds;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Baker.Tests.Seeds;

public sealed class HostsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_machine_s_own_hosts_file_with_lines_for_the_cluster_is_read()
    {
        string text = """
            127.0.0.1	localhost
            127.0.1.1	laptop.example.com	laptop
            ::1	localhost ip6-localhost ip6-loopback
            fe00::0	ip6-localnet
            ff02::1	ip6-allnodes

            # the cluster
            10.0.0.11  Etcd1 etcd.demo.k8s   # first
            10.0.0.12	etcd2	etcd.demo.k8s
            	10.0.0.21 masters.demo.k8s
            """;

        Read(text.Replace("\n", "\r\n", StringComparison.Ordinal)).ShouldBe(["etcd1=10.0.0.11", "etcd.demo.k8s=10.0.0.11+10.0.0.12", "etcd2=10.0.0.12", "masters.demo.k8s=10.0.0.21"]);
        Read(text).ShouldBe(Read(text.Replace("\n", "\r\n", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("10.0.0.11 a\n10.0.0.300 b\n", 2, 1, "'10.0.0.300' is no address")]
    [InlineData("10.1 a\n", 1, 1, "'10.1' is no address")]
    [InlineData("a 10.0.0.1\n", 1, 1, "'a' is no address")]
    [InlineData("  2001:db8::1 a\n", 1, 3, "is an IPv6 address")]
    [InlineData("10.0.0.1 # a\n", 1, 1, "has no name")]
    [InlineData("10.0.0.1 a b_c\n", 1, 12, "'b_c' is no name")]
    [InlineData("10.0.0.1 a.\n", 1, 10, "'a.' is no name")]
    [InlineData("10.0.0.1 10.0.0.2\n", 1, 10, "'10.0.0.2' is no name")]
    [InlineData("10.0.0.1 localhost\n", 1, 10, "'localhost' is no name")]
    [InlineData("10.0.0.1 a\n10.0.0.1 b a\n", 2, 12, "'a' has the address 10.0.0.1 already")]
    public void A_line_that_breaks_a_rule_is_refused_with_its_place(string text, int line, int column, string problem)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => Read(text));
        error.Message.ShouldContain(problem);
        (error.Line, error.Column).ShouldBe((line, column), error.Message);
        error.SourceName.ShouldBe(_folder["hosts"]);
    }

    [Fact]
    public void A_file_that_is_missing_or_names_nobody_is_refused()
    {
        Should.Throw<BakeException>(() => HostsFile.Read(_folder["nowhere"])).Code.ShouldBe("BAKE0810");
        Should.Throw<BakeException>(() => Read("127.0.0.1 localhost\n")).Message.ShouldContain("names no machine");
    }

    private string[] Read(string text)
    {
        File.WriteAllText(_folder["hosts"], text);
        return [.. HostsFile.Read(_folder["hosts"]).Select(host => $"{host.Name}={string.Join('+', host.Addresses)}")];
    }
}
