using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Tests.Kubernetes;
using Images.NodeConfig;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Discovery;

/// <summary>A name is asked once for all who want to know, and what was heard outlives who asked.</summary>
public sealed class PeerDirectoryTests : IDisposable
{
    private const string Name = "etcd.demo.k8s.";

    private readonly FakeMachine _machine = new();
    private readonly SetTime _time = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Who_asks_while_another_asks_waits_for_the_same_answer()
    {
        SlowResolver dns = new();
        PeerDirectory directory = Directory(dns);

        Task<PeerView>[] asking = [.. Enumerable.Range(0, 5).Select(_ => directory.AskAsync(Name, CancellationToken.None))];
        dns.Answer("10.0.0.11");

        (await Task.WhenAll(asking)).ShouldAllBe(view => view.Good.Contains("10.0.0.11"));
        dns.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task Who_leaves_takes_the_answer_of_nobody_else_away()
    {
        SlowResolver dns = new();
        PeerDirectory directory = Directory(dns);
        using CancellationTokenSource impatient = new();

        Task<PeerView> first = directory.AskAsync(Name, impatient.Token), second = directory.AskAsync(Name, CancellationToken.None);
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        await dns.UntilAskedAsync(2);
        dns.Answer("10.0.0.11");

        (await second).Good.Addresses.ShouldBe(["10.0.0.11"]);
    }

    [Fact]
    public async Task What_one_process_has_heard_another_need_not_ask_in_the_same_round()
    {
        FixedResolver dns = new("10.0.0.11");
        await Directory(dns).AskAsync(Name, CancellationToken.None);
        (await Directory(dns).AskAsync(Name, CancellationToken.None)).Good.Addresses.ShouldBe(["10.0.0.11"]);
        dns.Asked.ShouldBe(1);

        _time.Advance(TimeSpan.FromSeconds(1));
        await Directory(dns).AskAsync(Name, CancellationToken.None);
        dns.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_process_that_starts_while_DNS_is_silent_knows_the_last_good_answer_and_since_when_it_stands()
    {
        await Directory(new FixedResolver("10.0.0.11", "10.0.0.12")).AskAsync(Name, CancellationToken.None);
        DateTimeOffset heard = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromMinutes(10));

        PeerView view = await Directory(new FixedResolver()).AskAsync(Name, CancellationToken.None);
        view.Good.Addresses.ShouldBe(["10.0.0.11", "10.0.0.12"]);
        view.Failure.ShouldBe("the answer holds no address");
        view.FailingSince.ShouldBe(_time.GetUtcNow());
        (view.GoodSince - heard).Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(1));

        _time.Advance(TimeSpan.FromMinutes(10));
        view = await Directory(new FixedResolver()).AskAsync(Name, CancellationToken.None);
        (view.FailingSince - heard - TimeSpan.FromMinutes(10)).ShouldNotBeNull().Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(1));
        view.DescribeFailure("10.0.0.254").ShouldContain("gives no address since");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"good":["etcd1"],"goodSince":1,"heardAt":1}""")]
    [InlineData("""{"good":null,"goodSince":1,"heardAt":1}""")]
    [InlineData("""{"good":["10.0.0.99"],"goodSince":1,"heardAt":9223372036854775807}""")]
    [InlineData("""{"good":["10.0.0.99"],"goodSince":-9223372036854775807,"heardAt":1}""")]
    public async Task What_nobody_can_have_heard_counts_for_nothing(string kept)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        _machine.Put($"{NodePaths.PeerNames}/etcd.demo.k8s.json", kept);
        PeerDirectory directory = Directory(new FixedResolver("10.0.0.11"));
        directory.View(Name).Good.Count.ShouldBe(0);
        (await directory.AskAsync(Name, CancellationToken.None)).Good.Addresses.ShouldBe(["10.0.0.11"]);
    }

    [Fact]
    public async Task Who_follows_a_name_is_told_of_each_change_and_of_nothing_else()
    {
        ScriptedResolver dns = new([], ["10.0.0.11"], ["10.0.0.11"], [], ["10.0.0.12", "10.0.0.11"], ["10.0.0.11", "10.0.0.12"]);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        List<string> seen = [];
        await foreach (PeerView view in Directory(dns, TestPeers.AlwaysAnew).FollowAsync(Name, limit.Token))
        {
            seen.Add(view.Good.ToString());
            if (seen.Count == 2)
            {
                break;
            }
        }

        seen.ShouldBe(["10.0.0.11", "10.0.0.11, 10.0.0.12"]);
        dns.Asked.ShouldBe(5);
    }

    [Theory]
    [InlineData("the name does not exist (NXDOMAIN)")]
    [InlineData("the DNS server failed (SERVFAIL)")]
    [InlineData("the DNS server gave no answer")]
    [InlineData("the name has no address")] // of IPv4: it has one of IPv6
    public async Task No_fault_of_DNS_empties_a_list_changes_it_or_makes_it_young(string failure)
    {
        ResolverAnswer good = ResolverAnswer.Of(PeerSet.Parse(["10.0.0.11", "10.0.0.12"])), fault = ResolverAnswer.Failed(failure);
        ResolverAnswer[] answers = [good, .. Enumerable.Repeat(fault, 12), good, fault, good, fault, good];
        PeerDirectory directory = Directory(new ScriptedResolver(answers), TestPeers.AlwaysAnew);
        DateTimeOffset since = _time.GetUtcNow();
        foreach (ResolverAnswer answer in answers)
        {
            PeerView view = await directory.AskAsync(Name, CancellationToken.None);
            view.Good.Addresses.ShouldBe(["10.0.0.11", "10.0.0.12"]);
            (view.GoodSince, view.Failure).ShouldBe((since, answer.Failure));
            _time.Advance(TimeSpan.FromSeconds(2));
            Directory(new FixedResolver()).View(Name).Good.Count.ShouldBe(2, "another process of the machine knows it, too");
        }
    }

    [Fact]
    public async Task A_stranger_among_the_addresses_takes_nobody_away_and_goes_with_the_next_answer()
    {
        PeerDirectory directory = Directory(new ScriptedResolver(["10.0.0.11"], ["10.0.0.11", "10.0.0.99"], [], ["10.0.0.11"]), TestPeers.AlwaysAnew);
        List<string> seen = [];
        for (int round = 0; round < 4; round++)
        {
            seen.Add((await directory.AskAsync(Name, CancellationToken.None)).Good.ToString());
        }

        seen.ShouldBe(["10.0.0.11", "10.0.0.11, 10.0.0.99", "10.0.0.11, 10.0.0.99", "10.0.0.11"]);
    }

    private PeerDirectory Directory(IPeerResolver resolver, PeerRhythm? rhythm = null) => new(
        new RoleNames(CompiledRoles.Of([]), "demo", "k8s"), resolver, new KeptViews(_machine.Root, _time), rhythm ?? new PeerRhythm(), _time);

    /// <summary>DNS that answers each question in its turn.</summary>
    private sealed class ScriptedResolver(params ResolverAnswer[] answers) : IPeerResolver
    {
        public ScriptedResolver(params string[][] answers)
            : this([.. answers.Select(addresses => ResolverAnswer.Of(PeerSet.Parse(addresses)))])
        {
        }

        public int Asked { get; private set; }

        public Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken) => Task.FromResult(answers[Asked++]);
    }

    /// <summary>DNS that answers when it is told to.</summary>
    private sealed class SlowResolver : IPeerResolver
    {
        private readonly TaskCompletionSource<ResolverAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public void Answer(params string[] addresses) => _answer.SetResult(ResolverAnswer.Of(PeerSet.Parse(addresses)));

        public async Task UntilAskedAsync(int times)
        {
            while (Asked < times)
            {
                await Task.Delay(1);
            }
        }

        public Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return _answer.Task.WaitAsync(cancellationToken);
        }
    }
}
