using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Prepare;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Tests.Prepare;

public sealed class NodeValuesTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_node_fills_in_exactly_what_a_bake_lets_templates_use()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        NodeState state = NodeState.Load(_machine.Root);
        RoleService etcd = new() { Unit = EtcdPaths.Unit, Waits = [new ServiceWait { Peers = "etcd" }], Values = ServiceValues.OfEtcd };
        EtcdStartPlan plan = new() { Name = "n", InitialCluster = "n=u", InitialClusterState = "new", InitialClusterToken = "t", Members = ["10.0.0.11"] };
        Compare(NodeValues.ForEtcd(state, plan, etcd), etcd);

        RoleService other = new() { Unit = "other.service", Waits = [new ServiceWait { Peers = "worker" }] };
        Compare(NodeValues.For(state, other, new Dictionary<string, PeerSet>(StringComparer.Ordinal) { ["worker"] = PeerSet.Parse(["10.0.0.12"]) }), other);
    }

    private static void Compare(TemplateValues values, RoleService service)
    {
        values.Values.Keys.ShouldBe(TemplateNames.Values(service), ignoreOrder: true);
        values.Lists.Keys.ShouldBe(TemplateNames.Lists(service), ignoreOrder: true);
        foreach ((string name, IReadOnlyList<IReadOnlyDictionary<string, string>> entries) in values.Lists)
        {
            entries.ShouldAllBe(entry => entry.Keys.SequenceEqual(TemplateNames.Entry(name)));
        }
    }
}
