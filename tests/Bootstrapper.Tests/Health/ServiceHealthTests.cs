using Images.Bootstrapper.Health;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Systemd;
using Images.Bootstrapper.Tests.Prepare;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Health;

public sealed class ServiceHealthTests : IDisposable
{
    private readonly FakeMachine _node = new();
    private readonly SampleMachine _machine = new(["master"], "1.36.0");
    private readonly List<string> _asked = [];
    private readonly VirtualTime _time = new();
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("200 OK", true, "answers")]
    [InlineData("500 Internal Server Error", false, "it answers 500 Internal Server Error")]
    [InlineData("401 Unauthorized", false, "it answers 401 Unauthorized")]
    public async Task A_server_that_wants_a_certificate_is_shown_the_services_own(string answer, bool isReady, string detail)
    {
        using TlsServer server = new(_machine.Authorities[ClusterSecrets.Kubernetes], answer);
        HealthReport report = (await AskAsync(server, "active")).ShouldHaveSingleItem();
        report.IsReady.ShouldBe(isReady, report.Detail);
        report.Detail.ShouldContain(detail);
        server.Visitor.ShouldBe("system:kube-scheduler");
    }

    [Fact]
    public async Task Only_units_that_run_are_asked_and_systemd_once_for_all()
    {
        using TlsServer server = new(_machine.Authorities[ClusterSecrets.Kubernetes], "200 OK");
        RoleService other = new() { Unit = "other.service" };
        IReadOnlyList<HealthReport> reports = await AskAsync(server, "activating active failed", other, other);
        reports.Select(report => (report.IsReady, report.State.HasFailed, report.Detail)).ShouldBe([(false, false, "unit activating"), (true, false, "unit active"), (false, true, "unit failed")]);
        server.Visitor.ShouldBeNull();
        _asked.ShouldHaveSingleItem().ShouldMatch(@"^systemctl show --property=\S*\bActiveState,SubState,Result,\S+ a\.service other\.service other\.service$");
    }

    [Fact]
    public async Task Without_a_word_of_systemd_the_service_itself_is_asked()
    {
        using TlsServer server = new(_machine.Authorities[ClusterSecrets.Kubernetes], "200 OK");
        (await AskAsync(server, "")).ShouldHaveSingleItem().IsReady.ShouldBeTrue();
    }

    [Fact]
    public async Task Where_all_are_ready_systemd_is_asked_less_often_than_the_services()
    {
        RoleService withUrl = new() { Unit = "a.service", Ready = new ServiceReady { Url = "http://127.0.0.1:1/healthz" } }, other = new() { Unit = "b.service" };
        string states = "active";
        using ServiceHealth health = new(
            new ServerAnswers(_node.Root, _machine.State, TimeProvider.System, TimeProvider.System),
            (_, arguments, _) =>
            {
                _asked.Add(string.Join(' ', arguments));
                return Task.FromResult(Show(states));
            },
            _time, _patience);
        (await health.AskAsync([other], CancellationToken.None)).ShouldHaveSingleItem().IsReady.ShouldBeTrue();
        states = "failed";
        (await health.AskAsync([other], CancellationToken.None)).ShouldHaveSingleItem().IsReady.ShouldBeTrue("systemd said so just now");
        _asked.Count.ShouldBe(1);
        _time.Advance(ServiceHealth.StatesAge);
        (await health.AskAsync([other], CancellationToken.None)).ShouldHaveSingleItem().State.HasFailed.ShouldBeTrue();
        (await health.AskAsync([other], CancellationToken.None)).ShouldHaveSingleItem().State.HasFailed.ShouldBeTrue();
        _asked.Count.ShouldBe(3, "as long as one is not ready, each time");

        states = "active active";
        (await health.AskAsync([withUrl, other], CancellationToken.None)).Select(report => report.IsReady).ShouldBe([false, true]);
        (await health.AskAsync([withUrl, other], CancellationToken.None)).Select(report => report.IsReady).ShouldBe([false, true]);
        _asked.Count.ShouldBe(5, "a server that does not answer is a reason to ask");
    }

    [Fact]
    public async Task While_services_start_systemd_is_asked_once_for_each_change_that_it_tells_of()
    {
        RoleService unit = new() { Unit = "a.service" };
        string states = "activating";
        int asked = 0;
        using ServiceHealth health = new(
            new ServerAnswers(_node.Root, _machine.State, TimeProvider.System, TimeProvider.System),
            (_, _, _) =>
            {
                asked++;
                return Task.FromResult(Show(states));
            },
            _time, _patience)
        { HearsSignals = true };
        async Task<bool> IsReadyAsync() => (await health.AskAsync([unit], CancellationToken.None)).ShouldHaveSingleItem().IsReady;

        (await IsReadyAsync()).ShouldBeFalse();
        (await IsReadyAsync()).ShouldBeFalse();
        asked.ShouldBe(1);
        states = "active";
        health.Forget();
        (await IsReadyAsync()).ShouldBeTrue();
        asked.ShouldBe(2);

        states = "activating";
        health.Forget();
        (await IsReadyAsync()).ShouldBeFalse();
        states = "active";
        _time.Advance(ServiceHealth.StatesAge);
        (await IsReadyAsync()).ShouldBeTrue("a signal may have been lost");

        health.HearsSignals = false;
        states = "failed";
        health.Forget();
        (await IsReadyAsync()).ShouldBeFalse();
        int before = asked;
        states = "active";
        (await IsReadyAsync()).ShouldBeTrue("nobody would have told of it");
        asked.ShouldBe(before + 1);
    }

    [Fact]
    public async Task Once_a_unit_changes_systemd_is_asked_at_the_next_look_and_else_seldom()
    {
        RoleService unit = new() { Unit = "a.service" };
        string states = "active";
        int asked = 0;
        Action duringTheQuestion = () => { };
        using ServiceHealth health = new(
            new ServerAnswers(_node.Root, _machine.State, TimeProvider.System, TimeProvider.System),
            (_, _, _) =>
            {
                asked++;
                CommandResult answer = Show(states);
                duringTheQuestion();
                return Task.FromResult(answer);
            },
            _time, _patience)
        { HearsSignals = true };
        async Task<bool> IsReadyAsync() => (await health.AskAsync([unit], CancellationToken.None)).ShouldHaveSingleItem().IsReady;

        (await IsReadyAsync()).ShouldBeTrue();
        _time.Advance(ServiceHealth.StatesAge * 3);
        (await IsReadyAsync()).ShouldBeTrue();
        asked.ShouldBe(1, "its end would be heard");

        states = "failed";
        health.Forget();
        (await IsReadyAsync()).ShouldBeFalse();

        states = "active";
        duringTheQuestion = () =>
        {
            states = "failed"; // right behind the answer
            health.Forget();
        };
        health.Forget();
        (await IsReadyAsync()).ShouldBeTrue();
        duringTheQuestion = () => { };
        (await IsReadyAsync()).ShouldBeFalse("what was heard during a question is asked once more");
    }

    [Fact]
    public async Task All_services_are_asked_at_a_time_and_a_silent_one_only_for_so_long()
    {
        using System.Net.Sockets.TcpListener silent = new(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        RoleService service = new() { Unit = "a.service", Ready = new ServiceReady { Url = $"http://{silent.LocalEndpoint}/healthz" } };
        using ServiceHealth health = new(
            new ServerAnswers(_node.Root, _machine.State, TimeProvider.System, TimeProvider.System),
            (_, _, _) => Task.FromResult(Show("active active active active active")), TimeProvider.System, TimeSpan.FromSeconds(1));
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        IReadOnlyList<HealthReport> reports = await health.AskAsync([service, service, service, service, service], CancellationToken.None);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(4));
        reports.ShouldAllBe(report => !report.IsReady && report.Detail.EndsWith("gives no answer within 1 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_unit_that_waits_to_be_started_again_is_told_with_the_cause()
    {
        using ServiceHealth health = new(
            new ServerAnswers(_node.Root, _machine.State, TimeProvider.System, TimeProvider.System),
            (_, _, _) => Task.FromResult(new CommandResult(0, "NRestarts=4\nResult=signal\nExecMainExitTimestampMonotonic=77\nExecMainCode=2\nExecMainStatus=9\nId=a.service\nActiveState=activating\nSubState=auto-restart", "")),
            _time, _patience);
        HealthReport report = (await health.AskAsync([new RoleService { Unit = "a.service" }], CancellationToken.None)).ShouldHaveSingleItem();
        report.Detail.ShouldBe("unit activating after it ended (signal 9)");
        (report.State.Restarts, report.State.ExitedAt).ShouldBe((4, 77L));
    }

    /// <summary>As systemctl(1) prints properties of several units.</summary>
    private static CommandResult Show(string states) =>
        new(0, string.Join("\n\n", states.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(state => $"Id=x.service\nActiveState={state}\nSubState=x\nNRestarts=0")), "");

    private async Task<IReadOnlyList<HealthReport>> AskAsync(TlsServer server, string states, params RoleService[] others)
    {
        new NodeCertificates(_node.Root, _machine.State.Metadata.Node.Secrets, CertificateLife.Usual, TimeProvider.System, DateTimeOffset.UnixEpoch)
            .Ensure(CertificateCatalogue.Find(CertificateCatalogue.Scheduler, _machine.State));
        RoleService service = new()
        {
            Unit = "a.service",
            Ready = new ServiceReady { Url = server.Url.ToString(), Authority = ClusterSecrets.Kubernetes, Certificate = CertificateCatalogue.Scheduler },
        };
        using ServiceHealth health = new(
            new ServerAnswers(_node.Root, _machine.State, TimeProvider.System, TimeProvider.System),
            (program, arguments, _) =>
            {
                _asked.Add($"{program} {string.Join(' ', arguments)}");
                return Task.FromResult(Show(states));
            },
            _time, _patience);
        return await health.AskAsync([service, .. others], CancellationToken.None);
    }
}
