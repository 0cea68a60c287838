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
            });
        return await health.AskAsync([service, .. others], CancellationToken.None);
    }
}
