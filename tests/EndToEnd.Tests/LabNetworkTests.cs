using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>The laboratory itself: what the machines' tests lean on.</summary>
public sealed class LabNetworkTests
{
    [Fact]
    public void Its_name_server_answers_with_the_addresses_it_was_given_and_forgets_those_taken_away()
    {
        using TemporaryFolder folder = new();
        using LabNetwork network = new(folder["net"]);
        network.Serve();
        network.SetRecords("etcd.demo.k8s", ["10.240.0.11", "10.240.0.12"]);
        Resolve(network, LabNetwork.Gateway).ShouldBe(["10.240.0.11", "10.240.0.12"]);
        network.SetRecords("etcd.demo.k8s", ["10.240.0.11"], LabNetwork.SecondServer);
        Resolve(network, LabNetwork.SecondServer).ShouldBe(["10.240.0.11"]);
        network.SetRecords("etcd.demo.k8s", []);
        Resolve(network, LabNetwork.Gateway).ShouldBeEmpty();
    }

    private static string[] Resolve(LabNetwork network, string server)
    {
        Thread.Sleep(500);
        JudgeResult result = network.Try("dig", "+short", "+tries=3", $"@{server}", "etcd.demo.k8s.");
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }
}
