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
        IReadOnlyList<HealthReport> reports = await AskAsync(server, "activating\n\nactive\n\nfailed", other, other);
        reports.Select(report => (report.IsReady, report.HasFailed, report.Detail)).ShouldBe([(false, false, "unit activating"), (true, false, "unit active"), (false, true, "unit failed")]);
        server.Visitor.ShouldBeNull();
        _asked.ShouldBe(["systemctl show --property=ActiveState --value a.service other.service other.service"]);
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
                return Task.FromResult(new CommandResult(0, states, ""));
            },
            _time);
        (await health.AskAsync([other], CancellationToken.None)).ShouldHaveSingleItem().IsReady.ShouldBeTrue();
        states = "failed";
        (await health.AskAsync([other], CancellationToken.None)).ShouldHaveSingleItem().IsReady.ShouldBeTrue("systemd said so just now");
        _asked.Count.ShouldBe(1);
        _time.Advance(ServiceHealth.StatesAge);
        (await health.AskAsync([other], CancellationToken.None)).ShouldHaveSingleItem().HasFailed.ShouldBeTrue();
        (await health.AskAsync([other], CancellationToken.None)).ShouldHaveSingleItem().HasFailed.ShouldBeTrue();
        _asked.Count.ShouldBe(3, "as long as one is not ready, each time");

        states = "active\nactive";
        (await health.AskAsync([withUrl, other], CancellationToken.None)).Select(report => report.IsReady).ShouldBe([false, true]);
        (await health.AskAsync([withUrl, other], CancellationToken.None)).Select(report => report.IsReady).ShouldBe([false, true]);
        _asked.Count.ShouldBe(5, "a server that does not answer is a reason to ask");
    }

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
                return Task.FromResult(new CommandResult(0, states, ""));
            },
            _time);
        return await health.AskAsync([service, .. others], CancellationToken.None);
    }
}
