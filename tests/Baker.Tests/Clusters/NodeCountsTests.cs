using Images.Baker.Clusters;

namespace Images.Baker.Tests.Clusters;

/// <summary><c>--nodes</c>: names, roles and addresses of a cluster's machines.</summary>
public sealed class NodeCountsTests
{
    [Fact]
    public void Nodes_are_named_and_numbered_by_their_role() =>
        NodeCounts.Parse("etcd=3, master=2,worker=1,none=1")
            .Select(node => $"{node.Name} {node.Address} {node.Seed}")
            .ShouldBe(
        [
            "etcd1 10.240.0.11 etcd", "etcd2 10.240.0.12 etcd", "etcd3 10.240.0.13 etcd",
            "master1 10.240.0.21 master",
            "master2 10.240.0.22 master",
            "worker1 10.240.0.31 worker",
            "none1 10.240.0.71 ",
        ]);

    [Fact]
    public void Lbs_stand_right_behind_the_address_they_share_and_no_two_nodes_share_one()
    {
        IReadOnlyList<PlannedNode> nodes = NodeCounts.Parse("etcd=9,master=9,worker=40,lb=9,none=9");

        nodes.Where(node => node.Roles.Contains("lb")).Select(node => node.Number).ShouldBe(Enumerable.Range(NodeCounts.LbVip + 1, 9));
        nodes.Select(node => node.Number).Append(NodeCounts.MastersVip).Append(NodeCounts.LbVip).ShouldBeUnique();
        nodes.Max(node => node.Number).ShouldBeLessThan(255);
    }

    [Theory]
    [InlineData("")]
    [InlineData("etcd")]
    [InlineData("etcd=0")]
    [InlineData("etcd=x")]
    [InlineData("etcd=10")]
    [InlineData("worker=41")]
    [InlineData("chef=1")]
    [InlineData("etcd=1,etcd=1")]
    [InlineData("none=1,none=1")]
    public void What_is_no_number_of_nodes_is_refused(string text) =>
        Should.Throw<BakeException>(() => NodeCounts.Parse(text)).Code.ShouldBe("BAKE0948");

    [Fact]
    public void A_further_node_gets_the_first_free_name()
    {
        ClusterPlan plan = new()
        {
            Name = "demo",
            Domain = "k8s",
            Image = "/i",
            Seeds = "/s",
            ApiPort = 1,
            Nodes = [.. NodeCounts.Parse("worker=3").Where(node => node.Name != "worker2")],
        };
        NodeCounts.Next(plan, NodeCounts.Worker).Name.ShouldBe("worker2");
        NodeCounts.Next(plan, NodeCounts.Master).Address.ShouldBe("10.240.0.21");
    }

    [Fact]
    public void The_clusters_names_are_its_machines()
    {
        ClusterPlan plan = new()
        {
            Name = "demo",
            Domain = "k8s",
            Image = "/i",
            Seeds = "/s",
            ApiPort = 1,
            Nodes = NodeCounts.Parse("etcd=1,worker=2"),
        };
        plan.Names().Select(pair => $"{pair.Name} {string.Join(' ', pair.Addresses)}").ShouldBe(
        [
            "etcd.demo.k8s 10.240.0.11",
            "minions.demo.k8s 10.240.0.31 10.240.0.32",
            "workers.demo.k8s 10.240.0.31 10.240.0.32",
        ]);
    }
}
