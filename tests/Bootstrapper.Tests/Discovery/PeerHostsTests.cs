using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Tests.Etcd;
using Images.Bootstrapper.Tests.Kubernetes;
using Images.Bootstrapper.Tests.Roles;

namespace Images.Bootstrapper.Tests.Discovery;

/// <summary>Programs of the machine find their peers in /etc/hosts as DNS said last; the bootstrapper itself does not.</summary>
public sealed class PeerHostsTests : IDisposable
{
    private const string Own = "127.0.0.1\tlocalhost\n";

    private readonly FakeMachine _machine = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        _limit.Cancel();
        _limit.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public async Task The_last_good_answer_stays_in_the_file_while_DNS_says_nothing_and_goes_with_the_next_boot()
    {
        _machine.Put("/etc/hosts", Own);
        FixedResolver dns = new("10.0.0.12", "10.0.0.11");
        Task running = Hosts(dns, "etcd.demo.k8s.", "masters.demo.k8s.").RunAsync(_limit.Token);
        await HoldsAsync("10.0.0.11\tetcd.demo.k8s\n", "10.0.0.12\tetcd.demo.k8s\n", "10.0.0.11\tmasters.demo.k8s\n", "10.0.0.12\tmasters.demo.k8s\n");

        dns.Set();
        int asked = dns.Asked;
        await UntilAsync(() => dns.Asked > asked + 3);
        _machine.Get("/etc/hosts").ShouldContain("10.0.0.11\tetcd.demo.k8s\n");

        dns.Set("10.0.0.13");
        await UntilAsync(() => _machine.Get("/etc/hosts").Split('\n').Count(line => line.StartsWith("10.0.0.13\t", StringComparison.Ordinal)) == 2);
        _machine.Get("/etc/hosts").ShouldNotContain("10.0.0.11");
        running.IsCompleted.ShouldBeFalse();
        await _limit.CancelAsync();

        LocalHosts.Write(_machine.Root, LocalNames.Of(new SampleMachine(["worker"], "1.36.0").State));
        _machine.Get("/etc/hosts").ShouldBe(Own);
    }

    [Fact]
    public void Names_that_have_addresses_otherwise_keep_them()
    {
        _machine.Put("/etc/hosts", Own + "10.9.9.9 etcd.demo.k8s # by write_files\n");
        LocalHosts.Write(_machine.Root, LocalNames.Of(new SampleMachine(["worker"], "1.36.0", more: "hosts: {masters.demo.k8s: 10.0.0.12}").State));
        string before = _machine.Get("/etc/hosts");

        LocalHosts.WriteAnswers(_machine.Root, [new("etcd.demo.k8s", [System.Net.IPAddress.Parse("10.0.0.1")]), new("masters.demo.k8s", [System.Net.IPAddress.Parse("10.0.0.1")])]);
        _machine.Get("/etc/hosts").ShouldBe(before);
    }

    [Fact]
    public async Task The_bootstrapper_hears_names_of_others_in_the_file_but_not_its_own_last_answer()
    {
        NodeState state = new SampleMachine(["worker"], "1.36.0").State;
        _machine.Put("/etc/hosts", "10.9.9.9 Masters.demo.k8s # by write_files\n");
        LocalHosts.WriteAnswers(_machine.Root, [new("workers.demo.k8s", [System.Net.IPAddress.Parse("10.0.0.1")])]);
        _machine.Get("/etc/hosts").ShouldContain("10.0.0.1\tworkers.demo.k8s\n");
        using FakeResolved dns = new(_machine.Root[ResolvedResolver.DefaultSocket], () => []);
        IPeerResolver resolver = PeerResolver.For(state, _machine.Root);

        (await resolver.ResolveAsync("masters.demo.k8s.", _limit.Token)).Addresses.Addresses.ShouldBe(["10.9.9.9"]);
        (await resolver.ResolveAsync("workers.demo.k8s.", _limit.Token)).Failure.ShouldBe("the answer holds no address");
    }

    [Fact]
    public void Machines_do_not_all_try_the_same_peer_first_and_each_its_own_server_before_others()
    {
        PeerSet peers = PeerSet.Parse(["10.0.0.11", "10.0.0.12", "10.0.0.13"]);
        string[] first = [.. Enumerable.Range(100, 60).Select(last => PeerHosts.InOrderOf($"10.0.0.{last}", peers).First())];
        peers.Addresses.ShouldAllBe(peer => first.Count(each => each == peer) > 9);
        PeerHosts.InOrderOf("10.0.0.12", peers).First().ShouldBe("10.0.0.12");
        PeerHosts.InOrderOf("10.0.0.100", peers).ShouldBe(peers.Addresses, ignoreOrder: true);
    }

    private PeerHosts Hosts(IPeerResolver dns, params string[] names) => new(
        _machine.Root,
        [.. names.Select(name => new PeerWatch(name, new PeerDirectory(new RoleNames(_machine.Roles, "demo", "k8s"), dns, kept: null, TestPeers.AlwaysAnew with { Pause = TimeSpan.FromMilliseconds(5) }, TimeProvider.System)))],
        "10.0.0.31");

    private Task HoldsAsync(params string[] lines) => UntilAsync(() => lines.All(_machine.Get("/etc/hosts").Contains));

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, _limit.Token);
        }
    }
}
