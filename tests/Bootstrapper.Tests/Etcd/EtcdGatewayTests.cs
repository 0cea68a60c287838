using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Tests.Prepare;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>What stands in etcd's place, and says something else.</summary>
public sealed class EtcdGatewayTests : IDisposable
{
    private readonly FakeMachine _node = new();
    private readonly SampleMachine _machine = new(["etcd", "master"], "1.36.0");
    private readonly TlsServer _server;
    private readonly EtcdAccess _access;

    public EtcdGatewayTests()
    {
        _server = new TlsServer(_machine.Authorities[ClusterSecrets.Kubernetes], "200 OK");
        CertificatePlan plan = CertificateCatalogue.Find(CertificateCatalogue.Scheduler, _machine.State);
        new NodeCertificates(_node.Root, _machine.State.Metadata.Node.Secrets, CertificateLife.Usual, TimeProvider.System, DateTimeOffset.UnixEpoch).Ensure(plan);
        _node.Put("/ca.crt", _machine.Authorities[ClusterSecrets.Kubernetes].Certificate);
        MutualTls tls = new(_node.Root[plan.Path + ".crt"], _node.Root[plan.Path + ".key"], _node.Root["/ca.crt"], TimeProvider.System, DateTimeOffset.UnixEpoch);
        _access = new EtcdAccess(tls, new KeptConnections(TimeProvider.System), _ => $"https://127.0.0.1:{_server.Url.Port}");
    }

    public void Dispose()
    {
        _server.Dispose();
        _node.Dispose();
    }

    [Theory]
    [MemberData(nameof(ForeignJsonTests.Nonsense), MemberType = typeof(ForeignJsonTests))]
    [InlineData("""{"header":null,"members":[]}""")]
    [InlineData("""{"header":{"cluster_id":"1"},"members":null}""")]
    [InlineData("""{"header":{"cluster_id":"1"},"members":[null]}""")]
    [InlineData("""{"header":{"cluster_id":"1"},"members":{}}""")]
    [InlineData("""{"header":{"cluster_id":"-1"},"members":[]}""")]
    [InlineData("""{"header":{"cluster_id":"99999999999999999999999"},"members":[]}""")]
    [InlineData("""{"header":{"cluster_id":1},"members":[]}""")]
    [InlineData("""{"header":{"cluster_id":"1"},"members":[{"ID":"1","name":7}]}""")]
    [InlineData("""{"header":{"cluster_id":"1"},"members":[{"ID":"1","peerURLs":7}]}""")]
    [InlineData("""{"header":{"cluster_id":"1"},"members":[{"ID":"1","isLearner":"yes"}]}""")]
    public async Task A_list_that_is_none_of_etcds_is_the_one_declared_fault(string body)
    {
        _server.Body = body;
        using EtcdGateway gateway = _access.Connect("127.0.0.1");
        await Should.ThrowAsync<EtcdGatewayException>(gateway.ListAsync(CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(ForeignJsonTests.Nonsense), MemberType = typeof(ForeignJsonTests))]
    [InlineData("""{"header":[]}""")]
    [InlineData("""{"header":{"member_id":"x"}}""")]
    [InlineData("""{"header":{"member_id":"1"},"leader":1}""")]
    [InlineData("""{"header":{"member_id":"1"},"leader":"1","isLearner":null}""")]
    public async Task A_status_that_is_none_of_etcds_is_the_one_declared_fault(string body)
    {
        _server.Body = body;
        using EtcdGateway gateway = _access.Connect("127.0.0.1");
        await Should.ThrowAsync<EtcdGatewayException>(gateway.StatusAsync(CancellationToken.None));
    }

    [Fact]
    public async Task More_members_than_an_etcd_can_have_are_refused()
    {
        _server.Body = $$"""{"header":{"cluster_id":"1"},"members":[{{string.Join(',', Enumerable.Range(1, 101).Select(id => $$"""{"ID":"{{id}}"}"""))}}]}""";
        using EtcdGateway gateway = _access.Connect("127.0.0.1");
        (await Should.ThrowAsync<EtcdGatewayException>(gateway.ListAsync(CancellationToken.None))).Message.ShouldContain("more than 100 members");
    }

    [Fact]
    public async Task Etcds_own_answer_is_read()
    {
        _server.Body = """{"header":{"cluster_id":"1"},"members":[{"ID":"2","name":"m","peerURLs":["https://10.0.0.1:2380"],"isLearner":true},{"ID":"3"}]}""";
        using EtcdGateway gateway = _access.Connect("127.0.0.1");
        (await gateway.ListAsync(CancellationToken.None)).Members.Select(member => $"{member.Id} {member.Address} {member.IsLearner}").ShouldBe(["2 10.0.0.1 True", "3  False"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("[::")]
    public void An_address_that_is_none_is_the_declared_fault_too(string address) =>
        Should.Throw<EtcdGatewayException>(() => new EtcdAccess(null!, null!).Connect(address));
}
