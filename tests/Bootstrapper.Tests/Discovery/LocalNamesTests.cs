using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Tests.Roles;

namespace Images.Bootstrapper.Tests.Discovery;

public sealed class LocalNamesTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_single_machine_answers_all_names_of_its_cluster_with_its_own_address_and_no_other()
    {
        SampleMachine single = new(["etcd", "master", "worker"], "1.36.0", more: "single: true");
        IPeerResolver resolver = PeerResolver.For(single.State, _machine.Root);

        foreach (string label in new[] { "etcd", "masters", "workers", "minions" })
        {
            (await resolver.ResolveAsync($"{label}.demo.k8s.", CancellationToken.None)).Addresses.Addresses.ShouldBe(["10.0.0.21"], label);
        }

        LocalNames.Of(single.State).Find("etcd.other.k8s.").ShouldBeNull();
        LocalNames.Of(new SampleMachine(["etcd", "master", "worker"], "1.36.0").State).Hosts.ShouldBeEmpty();
        (await PeerDirectory.For(_machine.Root, single.State, TimeProvider.System).AllOf("worker")[1].AskAsync(CancellationToken.None)).Good.Addresses.ShouldBe(["10.0.0.21"]);
    }

    [Fact]
    public async Task Names_of_the_metadata_are_answered_and_others_asked_for()
    {
        SampleMachine machine = new(["worker"], "1.36.0", more: "hosts: {masters.demo.k8s: [10.0.0.12, 10.0.0.11]}");
        LocalResolver resolver = new(LocalNames.Of(machine.State), new Elsewhere());

        (await resolver.ResolveAsync("masters.demo.k8s.", CancellationToken.None)).Addresses.Addresses.ShouldBe(["10.0.0.11", "10.0.0.12"]);
        (await resolver.ResolveAsync("workers.demo.k8s.", CancellationToken.None)).Failure.ShouldBe("asked for workers.demo.k8s.");
    }

    [Fact]
    public async Task The_only_member_of_a_single_machine_waits_for_no_name()
    {
        SampleMachine single = new(["etcd", "master", "worker"], "1.36.0", more: "single: true");

        (EtcdStartPlan plan, string story) = await EtcdNode.Start(_machine.Root, single.State, PeerDirectory.For(_machine.Root, single.State, _machine.Time), _machine.Time)
            .RunAsync((what, seen) => throw new InvalidOperationException($"{what}: {seen}"), CancellationToken.None);

        (plan.InitialClusterState, story).ShouldBe(("new", "starts the new cluster of 10.0.0.21"));
        plan.InitialCluster.ShouldEndWith("=https://10.0.0.21:2380");
        _machine.Time.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void The_hosts_file_keeps_what_others_wrote_and_is_written_again_without_a_trace()
    {
        const string Own = "127.0.0.1\tlocalhost\n10.9.9.9 by-write-files";
        _machine.Put("/etc/hosts", Own);
        LocalNames names = LocalNames.Of(new SampleMachine(["worker"], "1.36.0", more: "hosts: {masters.demo.k8s: [10.0.0.12, 10.0.0.11], node1: 10.0.0.31}").State);

        LocalHosts.Write(_machine.Root, names);
        LocalHosts.Write(_machine.Root, names);

        _machine.Get("/etc/hosts").ShouldBe("""
            127.0.0.1	localhost
            10.9.9.9 by-write-files
            # From the metadata (node.single, node.hosts), anew at each boot:
            10.0.0.12	masters.demo.k8s
            10.0.0.11	masters.demo.k8s
            10.0.0.31	node1
            # that is all of the metadata's

            """);

        LocalHosts.Write(_machine.Root, LocalNames.Of(new SampleMachine(["worker"], "1.36.0").State));
        _machine.Get("/etc/hosts").ShouldBe(Own + "\n");
    }

    private sealed class Elsewhere : IPeerResolver
    {
        public Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken) => Task.FromResult(ResolverAnswer.Failed($"asked for {name}"));
    }
}
