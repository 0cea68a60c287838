using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Pki;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Prepare;

public sealed class ServerAnswersTests : IDisposable
{
    private static readonly ServiceAnswer _asWorker = new() { Url = "https://x", Authority = ClusterSecrets.Kubernetes };
    private static readonly ServiceAnswer _asScheduler = new() { Url = "https://x", Authority = ClusterSecrets.Kubernetes, Certificate = CertificateCatalogue.Scheduler };

    private readonly FakeMachine _node = new();
    private readonly SampleMachine _machine = new(["master", "worker"], "1.36.0");
    private readonly TlsServer _server;

    public ServerAnswersTests() => _server = new TlsServer(_machine.Authorities[ClusterSecrets.Kubernetes], "200 OK");

    public void Dispose()
    {
        _server.Dispose();
        _node.Dispose();
    }

    [Theory]
    [InlineData("200 OK", null)]
    [InlineData("401 Unauthorized", null)]
    [InlineData("500 Internal Server Error", "it answers 500 Internal Server Error")]
    [InlineData("503 Service Unavailable", "it answers 503 Service Unavailable")]
    public async Task Who_shows_no_certificate_takes_being_asked_for_one_as_an_answer(string answer, string? fault)
    {
        _server.Answer = answer;
        (await FaultAsync(_asWorker)).ShouldBe(fault);
        _server.Visitor.ShouldBeNull();
    }

    [Theory]
    [InlineData("200 OK", null)]
    [InlineData("401 Unauthorized", "it answers 401 Unauthorized")]
    public async Task Who_shows_a_certificate_must_be_let_in(string answer, string? fault)
    {
        _server.Answer = answer;
        (await FaultAsync(_asScheduler))!.ShouldContain("kube-scheduler.crt"); // not made yet
        new NodeCertificates(_node.Root, _machine.State.Metadata.Node.Secrets, CertificateLife.Usual, TimeProvider.System, DateTimeOffset.UnixEpoch)
            .Ensure(CertificateCatalogue.Find(CertificateCatalogue.Scheduler, _machine.State));

        (await FaultAsync(_asScheduler)).ShouldBe(fault);
        _server.Visitor.ShouldBe("system:kube-scheduler");
    }

    [Theory]
    [InlineData("500 Internal Server Error", 1)]
    [InlineData("403 Forbidden", 1)]
    [InlineData("401 Unauthorized", 2)]
    public async Task A_server_that_is_not_ready_is_asked_over_the_same_connection_and_one_that_does_not_know_us_over_another(string answer, int handshakes)
    {
        using TlsServer server = new(_machine.Authorities[ClusterSecrets.Kubernetes], answer, staysOpen: true);
        new NodeCertificates(_node.Root, _machine.State.Metadata.Node.Secrets, CertificateLife.Usual, TimeProvider.System, DateTimeOffset.UnixEpoch)
            .Ensure(CertificateCatalogue.Find(CertificateCatalogue.Scheduler, _machine.State));
        ServerAnswers answers = Answers();
        (await answers.FaultAsync(server.Url, _asScheduler, CancellationToken.None)).ShouldBe($"it answers {answer}");
        (await answers.FaultAsync(server.Url, _asScheduler, CancellationToken.None)).ShouldBe($"it answers {answer}");
        server.Handshakes.ShouldBe(handshakes);
    }

    [Fact]
    public async Task A_server_of_another_authority_is_no_answer()
    {
        using TlsServer stranger = new(AuthorityPem.Create("demo kubernetes"), "200 OK");
        (await Answers().FaultAsync(stranger.Url, _asWorker, CancellationToken.None))!.ShouldStartWith("its certificate is not accepted");
        (await Answers().FaultAsync(_server.Url, _asWorker with { Authority = ClusterSecrets.FrontProxy }, CancellationToken.None))!.ShouldStartWith("its certificate is not accepted");
    }

    [Fact]
    public async Task A_certificate_that_is_good_but_begins_later_than_the_clock_says_tells_when()
    {
        DateTimeOffset began = DateTimeOffset.UtcNow;
        SetClock clock = new(began.AddDays(-40));
        List<DateTimeOffset> told = [];
        ServerAnswers answers = new(_node.Root, _machine.State, clock, TimeProvider.System, (_, begin, _) =>
        {
            told.Add(begin);
            clock.Now = begin;
            return Task.CompletedTask;
        });
        RoleService service = new() { Unit = "kubelet.service", Answers = [_asWorker with { Url = _server.Url.ToString() }] };
        using WaitReport report = new(service.Unit, _node.Console, _node.Root, TimeProvider.System);
        await answers.WaitAsync(service, _machine.Values(service), report, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        told.ShouldHaveSingleItem().ShouldBe(began - CertificateLife.Usual.Backdating, TimeSpan.FromMinutes(2));
        _node.ConsoleText.ShouldMatch(@"its certificate is not accepted: it begins at \d{4}-\d\d-\d\d \S+ UTC, and it is \d{4}-\d\d-\d\d \S+ UTC here");
    }

    [Fact]
    public async Task Of_a_certificate_that_is_not_accepted_for_another_reason_no_time_is_learnt()
    {
        SetClock clock = new(DateTimeOffset.UtcNow.AddDays(-40));
        List<DateTimeOffset> told = [];
        using TlsServer stranger = new(AuthorityPem.Create("demo kubernetes"), "200 OK");
        using TlsServer otherName = new(_machine.Authorities[ClusterSecrets.Kubernetes], "200 OK", name: "elsewhere");
        foreach (Uri url in new[] { stranger.Url, new UriBuilder(otherName.Url) { Host = "localhost" }.Uri })
        {
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(3));
            ServerAnswers answers = new(_node.Root, _machine.State, clock, TimeProvider.System, (_, begin, _) =>
            {
                told.Add(begin);
                return Task.CompletedTask;
            });
            RoleService service = new() { Unit = "kubelet.service", Answers = [_asWorker with { Url = url.ToString() }] };
            using WaitReport report = new(service.Unit, _node.Console, _node.Root, TimeProvider.System);
            await Should.ThrowAsync<OperationCanceledException>(answers.WaitAsync(service, _machine.Values(service), report, limit.Token));
        }

        told.ShouldBeEmpty();
        _node.ConsoleText.ShouldContain($"waiting for an answer of {stranger.Url} since 0 s: its certificate is not accepted: CN=demo kubernetes, which signed it, is no authority of the metadata for this");
        _node.ConsoleText.ShouldContain($"waiting for an answer of https://localhost:{otherName.Url.Port}/readyz since 0 s: its certificate is not accepted: it does not bear the name localhost");
    }

    [Fact]
    public async Task A_server_that_is_not_there_and_a_name_that_does_not_resolve_are_told_apart()
    {
        Uri gone;
        using (TlsServer server = new(_machine.Authorities[ClusterSecrets.Kubernetes], "200 OK"))
        {
            gone = server.Url;
        }

        (await Answers().FaultAsync(gone, _asWorker, CancellationToken.None))!.ShouldContain("refused");
        (await Answers().FaultAsync(new Uri("https://masters.invalid:6443/readyz"), _asWorker, CancellationToken.None))!.ShouldNotContain("refused");
    }

    [Fact]
    public async Task The_wait_says_what_it_waits_for_until_the_answer_comes()
    {
        _server.Answer = "503 Service Unavailable";
        RoleService service = new() { Unit = "kubelet.service", Answers = [_asWorker with { Url = _server.Url.ToString() }] };
        using WaitReport report = new(service.Unit, _node.Console, _node.Root, TimeProvider.System);
        Task wait = Answers().WaitAsync(service, _machine.Values(service), report, CancellationToken.None);
        while (!_node.ConsoleText.Contains("it answers 503", StringComparison.Ordinal))
        {
            await Task.Delay(50);
            wait.IsCompleted.ShouldBeFalse();
        }

        _server.Answer = "401 Unauthorized";
        await wait.WaitAsync(TimeSpan.FromSeconds(60));
        _node.ConsoleText.ShouldContain($"kubelet.service: waiting for an answer of {_server.Url} since 0 s: it answers 503 Service Unavailable");
    }

    [Fact]
    public async Task A_file_that_another_service_makes_is_waited_for()
    {
        using WaitReport report = new("kube-proxy.service", _node.Console, _node.Root, TimeProvider.System);
        Task wait = new NeededFiles(_node.Root, TimeProvider.System).WaitAsync(["/var/lib/kubelet/pki/x.pem"], report, CancellationToken.None);
        wait.IsCompleted.ShouldBeFalse();
        _node.ConsoleText.ShouldContain("kube-proxy.service: waiting for /var/lib/kubelet/pki/x.pem since 0 s: it is not there yet");

        _node.Put("/var/lib/kubelet/pki/x.pem", "");
        await wait.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private Task<string?> FaultAsync(ServiceAnswer answer) => Answers().FaultAsync(_server.Url, answer, CancellationToken.None);

    private ServerAnswers Answers() => new(_node.Root, _machine.State, TimeProvider.System, TimeProvider.System);
}
