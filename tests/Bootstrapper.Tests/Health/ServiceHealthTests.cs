using Images.Bootstrapper.Health;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Tests.Prepare;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Health;

public sealed class ServiceHealthTests : IDisposable
{
    private readonly FakeMachine _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("200 OK", true, "answers")]
    [InlineData("500 Internal Server Error", false, "it answers 500 Internal Server Error")]
    [InlineData("401 Unauthorized", false, "it answers 401 Unauthorized")]
    public async Task A_server_that_wants_a_certificate_is_shown_the_services_own(string answer, bool isReady, string detail)
    {
        SampleMachine machine = new(["master"], "1.36.0");
        using TlsServer server = new(machine.Authorities[ClusterSecrets.Kubernetes], answer);
        new NodeCertificates(_node.Root, machine.State.Metadata.Node.Secrets, CertificateLife.Usual, TimeProvider.System, DateTimeOffset.UnixEpoch)
            .Ensure(CertificateCatalogue.Find(CertificateCatalogue.Scheduler, machine.State));
        RoleService service = new()
        {
            Unit = "of-no-machine.service",
            Ready = new ServiceReady { Url = server.Url.ToString(), Authority = ClusterSecrets.Kubernetes, Certificate = CertificateCatalogue.Scheduler },
        };
        using ServiceHealth health = new(new ServerAnswers(_node.Root, machine.State, TimeProvider.System, TimeProvider.System));
        HealthReport report = await health.AskAsync(service, CancellationToken.None);
        report.IsReady.ShouldBe(isReady, report.Detail);
        report.Detail.ShouldContain(detail);
        server.Visitor.ShouldBe("system:kube-scheduler");
    }
}
