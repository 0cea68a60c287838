using Images.Bootstrapper.Agent;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.Tests.Agent;

public sealed class DutyListTests : IDisposable
{
    private const string OfEveryNode = "the services' state, what the services need, names of peers, renewal of certificates, spare memory, word on host keys, cloud metadata guard";

    private readonly FakeMachine _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("etcd", PodNetwork.Routed, ", answers to etcd's peers, survey of etcd's peers, etcd's membership, etcd's snapshots, care for etcd")]
    [InlineData("master", PodNetwork.Routed, ", access rules, certificates of kubelets, roles of Nodes, add-ons, certificates of lbs, places of haproxy, pods' network")]
    [InlineData("worker", PodNetwork.Overlay, ", places of haproxy, the Node's return, the kubelet's first certificate, word for the kubelet's request, renewal of the kubelet's certificates, cluster DNS, pods' network")]
    [InlineData("worker", PodNetwork.Cni, ", places of haproxy, the Node's return, the kubelet's first certificate, word for the kubelet's request, renewal of the kubelet's certificates, cluster DNS")]
    [InlineData("etcd,master,worker", PodNetwork.Routed, ", answers to etcd's peers, survey of etcd's peers, etcd's membership, etcd's snapshots, care for etcd, access rules, certificates of kubelets, roles of Nodes, add-ons, certificates of lbs, places of haproxy, the Node's return, the kubelet's first certificate, word for the kubelet's request, renewal of the kubelet's certificates, cluster DNS, pods' network")]
    [InlineData("worker,master", PodNetwork.Cni, ", access rules, certificates of kubelets, roles of Nodes, add-ons, certificates of lbs, places of haproxy, the Node's return, the kubelet's first certificate, word for the kubelet's request, renewal of the kubelet's certificates, cluster DNS")]
    [InlineData("lb", PodNetwork.Routed, ", the lb's certificate, word for the lb's request, places of haproxy")]
    public void A_machine_has_each_duty_of_its_roles_once(string roles, PodNetwork network, string duties)
    {
        NodeState state = new SampleMachine(roles.Split(','), "1.36.0").State;
        state = state with
        {
            Metadata = state.Metadata with { Node = state.Metadata.Node with { Kubernetes = state.Metadata.Node.Kubernetes with { Network = network } } },
        };
        string.Join(", ", NamesFor(state)).ShouldBe(OfEveryNode + duties);
    }

    [Fact]
    public void Nodes_are_forgotten_by_masters_alone_and_only_where_the_metadata_says_after_how_long()
    {
        const string Duty = "Nodes that are gone";
        NamesFor(new SampleMachine(["master"], "1.36.0").State).ShouldNotContain(Duty);
        NamesFor(new SampleMachine(["master"], "1.36.0", kubernetesMore: "forgetAfter: 7d").State).ShouldContain(Duty);
        NamesFor(new SampleMachine(["worker"], "1.36.0", kubernetesMore: "forgetAfter: 7d").State).ShouldNotContain(Duty);
    }

    [Fact]
    public void A_worker_leaves_DNS_to_an_add_on_where_the_metadata_says_so()
    {
        NamesFor(new SampleMachine(["worker"], "1.36.0").State).ShouldContain("cluster DNS");
        NamesFor(new SampleMachine(["worker"], "1.36.0", dns: "none").State).ShouldNotContain("cluster DNS");
    }

    [Theory]
    [InlineData("master", "vip: {masters: 10.0.0.20}", true)]
    [InlineData("master", "vip: {lb: 10.0.0.40}", false)]
    [InlineData("lb", "vip: {lb: 10.0.0.40}", true)]
    [InlineData("worker", "vip: {masters: 10.0.0.20, lb: 10.0.0.40}", false)]
    public void Only_a_machine_that_may_hold_a_virtual_address_looks_after_it(string role, string vip, bool holds) =>
        NamesFor(new SampleMachine([role], "1.36.0", kubernetesMore: vip).State).Contains("health for the virtual address").ShouldBe(holds);

    [Theory]
    [InlineData("master", "addresses of Services")]
    [InlineData("lb", "Services behind the lb")]
    public void Services_get_addresses_only_where_there_is_a_pool(string role, string duty)
    {
        NamesFor(new SampleMachine([role], "1.36.0", kubernetesMore: "vip: {lb: 10.0.0.40}").State).ShouldNotContain(duty);
        NamesFor(new SampleMachine([role], "1.36.0", more: "lb: {pool: [10.0.0.64/28]}", kubernetesMore: "vip: {lb: 10.0.0.40}").State).ShouldContain(duty);
    }

    private string[] NamesFor(NodeState state)
    {
        StatusBoard status = new(_node.Root, new StatusDocument { Phase = StatusDocument.RolesStarted, BootStarted = 0 });
        return [.. DutyList.For(_node.Root, state, status, _node.Console, new Narrator(_ => { }), TimeProvider.System)
            .Where(duty => duty.IsForThisNode)
            .Select(duty => duty.Name)];
    }
}
