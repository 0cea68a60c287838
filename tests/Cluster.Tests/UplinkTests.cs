using System.Diagnostics;
using Images.TestSupport;

namespace Images.Cluster.Tests;

/// <summary>The way out of a cluster, on a machine of a network namespace that has an outside without reaching any.</summary>
public sealed class UplinkTests : IDisposable
{
    private const string Node = "none1";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _machine;

    public UplinkTests()
    {
        string[] arguments = ["--net", "--mount", "sh", Script("outside.sh"), _folder.FullPath];
        _machine = Process.Start(new ProcessStartInfo(Judge.Find("unshare"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _machine.StandardOutput.ReadLine().ShouldBe("there");
    }

    [Fact]
    public void Nodes_reach_what_the_machine_reaches_by_name_and_address_but_not_its_loopback()
    {
        using Person person = Person.Root(Judge.Find("nsenter"), "--target", $"{_machine.Id}", "--net", "--mount", "--");
        using TestCluster cluster = new(person, "out");
        cluster.Baker("up", "--name", cluster.Name, "--image", person.Image, "--nodes", "none=1")
            .ShouldContain("uplink by slirp4netns: images can be pulled");

        WaitForItsNetwork(cluster);
        TestCluster.WaitFor(
            "a name of outside",
            30,
            () => cluster.Exec(Node, "getent hosts page.outside.test").Output,
            output => output.StartsWith("192.0.2.77 ", StringComparison.Ordinal));
        Connects(cluster, "192.0.2.1").ShouldBeTrue("the machine's address outside");
        Connects(cluster, "10.0.2.2").ShouldBeFalse("what slirp calls the machine's loopback");
        Connects(cluster, "127.0.0.1").ShouldBeFalse("the node's own loopback has no such server");

        cluster.Baker("delete");
    }

    [Fact]
    public void Without_an_uplink_a_node_reaches_nothing_outside_and_up_says_what_would_bring_one()
    {
        using Person person = Person.Root(
            Judge.Find("nsenter"), "--target", $"{_machine.Id}", "--net", "--mount", "--", Judge.Find("unshare"), "--mount", "--",
            "sh", Script("without-uplinks.sh"), Directory.CreateDirectory(Path.Combine(_folder.FullPath, "hidden")).FullName);
        using TestCluster cluster = new(person, "in");
        cluster.Baker("up", "--name", cluster.Name, "--image", person.Image, "--nodes", "none=1")
            .ShouldContain("no uplink: images cannot be pulled. Install the package slirp4netns or passt");

        WaitForItsNetwork(cluster);
        Connects(cluster, "192.0.2.1").ShouldBeFalse();
        cluster.Baker("delete");
    }

    public void Dispose()
    {
        _machine.StandardInput.Close();
        _machine.WaitForExit();
        _machine.Dispose();
        _folder.Dispose();
    }

    /// <summary>A node without a role is ready when it runs, before it has an address.</summary>
    private static void WaitForItsNetwork(TestCluster cluster) =>
        TestCluster.WaitFor("the cluster's own name server", 60, () => Connects(cluster, "10.240.0.1"), answers => answers);

    private static bool Connects(TestCluster cluster, string address) =>
        cluster.Exec(Node, $"socat -u OPEN:/dev/null TCP:{address}:53,connect-timeout=5").ExitCode == 0;

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "testdata", name);
}
