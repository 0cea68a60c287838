using System.Net.Security;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Tests.Prepare;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Pki;

public sealed class KeptConnectionsTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly FakeMachine _node = new();
    private readonly SampleMachine _machine = new(["master"], "1.36.0");
    private readonly TlsServer _server;
    private int _optionsAsked;

    public KeptConnectionsTests() => _server = new TlsServer(_machine.Authorities[ClusterSecrets.Kubernetes], "200 OK", staysOpen: true);

    public void Dispose()
    {
        _server.Dispose();
        _node.Dispose();
    }

    [Fact]
    public async Task A_server_that_is_asked_again_and_again_sees_one_handshake()
    {
        ServerAnswers answers = new(_node.Root, _machine.State, TimeProvider.System, TimeProvider.System);
        ServiceAnswer answer = new() { Url = _server.Url.ToString(), Authority = ClusterSecrets.Kubernetes };
        for (int time = 0; time < 3; time++)
        {
            (await answers.FaultAsync(_server.Url, answer, CancellationToken.None)).ShouldBeNull();
        }

        _server.Handshakes.ShouldBe(1);
    }

    [Fact]
    public async Task Certificates_are_read_anew_after_some_minutes_and_after_a_fault()
    {
        VirtualTime clock = new();
        KeptConnections connections = new(clock);
        await AskAsync(connections, "one");
        clock.Advance(KeptConnections.Age - TimeSpan.FromSeconds(1));
        await AskAsync(connections, "one");
        _optionsAsked.ShouldBe(1);

        clock.Advance(TimeSpan.FromSeconds(1));
        await AskAsync(connections, "one");
        _optionsAsked.ShouldBe(2);

        connections.Forget("one");
        await AskAsync(connections, "one");
        _optionsAsked.ShouldBe(3);
        await AskAsync(connections, "another");
        _optionsAsked.ShouldBe(4);
    }

    private async Task AskAsync(KeptConnections connections, string server)
    {
        using TlsServer fresh = new(_machine.Authorities[ClusterSecrets.Kubernetes], "200 OK");
        using HttpClient client = connections.Client(server, Options, _patience);
        using HttpResponseMessage response = await client.GetAsync(fresh.Url);
        response.IsSuccessStatusCode.ShouldBeTrue();
    }

    private SslClientAuthenticationOptions Options()
    {
        _optionsAsked++;
        return new ClusterTls(_node.Root, _machine.State, TimeProvider.System).ForClient("127.0.0.1", ClusterSecrets.Kubernetes, certificate: null);
    }
}
