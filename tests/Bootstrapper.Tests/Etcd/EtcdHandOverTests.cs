using Images.Bootstrapper.Cli;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>A real leader that is about to stop.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
public sealed class EtcdHandOverTests
{
    [Fact]
    public async Task Who_leads_hands_over_to_a_member_that_answers_and_who_does_not_lead_changes_nothing()
    {
        using EtcdTestCluster cluster = new(3);
        await cluster.FormAsync();
        EtcdTestNode leader = cluster.Nodes.Single(Leads);

        (await SayAsync(leader)).ShouldMatch(@"^m-[0-9a-f]+ \([0-9a-f]+\) at 127\.[0-9.]+ leads now\.\n$");

        Leads(leader).ShouldBeFalse();
        EtcdTestNode next = cluster.Nodes.Single(Leads);
        (await SayAsync(leader)).ShouldBe("Another member leads.\n");
        Leads(next).ShouldBeTrue();
    }

    [Fact]
    public async Task A_member_that_is_alone_has_nobody_to_hand_over_to_and_goes_on()
    {
        using EtcdTestCluster cluster = new(1);
        await cluster.FormAsync();

        (await SayAsync(cluster.Nodes[0])).ShouldBe("There is no other member that could lead.\n");

        Leads(cluster.Nodes[0]).ShouldBeTrue();
    }

    private static async Task<string> SayAsync(EtcdTestNode node)
    {
        StringWriter said = new() { NewLine = "\n" };
        (await EtcdCommand.HandOverAsync(node.Root, said)).ShouldBe(ExitCodes.Done);
        return said.ToString();
    }

    /// <summary>"endpoint, id, version, size, is leader, …"</summary>
    private static bool Leads(EtcdTestNode node) =>
        node.Etcdctl("endpoint", "status").Output.Split(", ")[4] == "true";
}
