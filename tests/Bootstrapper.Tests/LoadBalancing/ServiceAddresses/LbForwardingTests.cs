using System.Diagnostics;
using Images.Bootstrapper.LoadBalancing.ServiceAddresses;
using Images.Bootstrapper.Tests.Kubernetes;
using Images.Bootstrapper.Tests.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.LoadBalancing.ServiceAddresses;

/// <summary>An lb's kernel between a client and two workers: what it forwards for Services, and that it forwards nothing else.</summary>
public sealed class LbForwardingTests : IDisposable
{
    private const string Client = "10.0.0.2", Worker = "10.0.1.2", OtherWorker = "10.0.1.3", Balanced = "10.0.0.64";

    private static readonly string _guard = Path.Combine(SampleMachine.RolesFolder, "lb/templates/forwarding.nft");

    private readonly TemporaryFolder _folder = new();
    private readonly NetworkNamespace _lb = NetworkNamespace.Create();
    private readonly NetworkNamespace _client;
    private readonly NetworkNamespace _worker;

    public LbForwardingTests()
    {
        (_client, _worker) = (_lb.CreateBeside(), _lb.CreateBeside());
        _lb.Ip($"link add eth0 type veth peer name eth0 netns {_client.Id}");
        _lb.Ip($"link add eth1 type veth peer name eth0 netns {_worker.Id}");
        _lb.Ip("address add 10.0.0.1/24 dev eth0");
        _lb.Ip($"address add {Balanced}/32 dev eth0");
        _lb.Ip("address add 10.0.1.1/24 dev eth1");
        _client.Ip($"address add {Client}/24 dev eth0");
        _worker.Ip($"address add {Worker}/24 dev eth0");
        _worker.Ip($"address add {OtherWorker}/24 dev eth0");
        foreach (NetworkNamespace one in new[] { _lb, _client, _worker })
        {
            one.Ip("link set lo up");
            one.Ip("link set eth0 up");
        }

        _lb.Ip("link set eth1 up");
        _client.Ip("route add 10.0.1.0/24 via 10.0.0.1");
        _worker.Ip("route add 10.0.0.0/24 via 10.0.1.1");
    }

    public void Dispose()
    {
        _worker.Dispose();
        _client.Dispose();
        _lb.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_neighbour_that_takes_the_lb_for_its_router_gets_nothing()
    {
        _lb.Run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
        Pings(_client, Worker).ShouldBeTrue("else this shows nothing");

        _lb.Run("nft", "--file", _guard);
        _lb.Run("nft", "--file", _guard);

        Pings(_client, Worker).ShouldBeFalse();
        Pings(_client, "10.0.0.1").ShouldBeTrue("the lb itself is there");
    }

    [Fact]
    public async Task UDP_of_a_Service_reaches_workers_as_the_lb_s_own_and_nothing_else_is_open_at_its_address()
    {
        using Process worker = _worker.StartInside("socat", $"UDP-RECVFROM:30053,bind={Worker},fork", "SYSTEM:echo one $SOCAT_PEERADDR");
        using Process other = _worker.StartInside("socat", $"UDP-RECVFROM:30053,bind={OtherWorker},fork", "SYSTEM:echo two $SOCAT_PEERADDR");
        _lb.Run("nft", "--file", _guard);
        _lb.Run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
        ServiceMachine machine = new(new NodeRoot(_folder.FullPath), "eth0", _lb.RunAsync, TimeProvider.System);
        Pings(_client, Balanced).ShouldBeTrue();

        (await machine.TranslateAsync(Plan("{}"), _ => [Worker, OtherWorker], CancellationToken.None)).ShouldBeNull();
        HashSet<string> answers = [];
        for (int attempt = 0; attempt < 40 && answers.Count < 2; attempt++)
        {
            string answer = Ask(53);
            if (answer.Length > 0)
            {
                answers.Add(answer); // the servers take a moment to start
            }
        }

        answers.ShouldBe(["one 10.0.1.1", "two 10.0.1.1"], ignoreOrder: true);
        Pings(_client, Worker).ShouldBeFalse("what is not translated is not forwarded");
        Pings(_client, Balanced).ShouldBeTrue();

        (await machine.TranslateAsync(Plan("{}"), _ => [Worker], CancellationToken.None)).ShouldBeNull();
        Enumerable.Range(0, 4).Select(_ => AskUntilAnswered(53)).ShouldAllBe(answer => answer == "one 10.0.1.1");
        (await machine.TranslateAsync(Plan("""{"loadBalancerSourceRanges":["10.0.0.128/25"]}"""), _ => [Worker], CancellationToken.None)).ShouldBeNull();
        Ask(53).ShouldBeEmpty("who may not come gets nothing");
        (await machine.TranslateAsync(Plan("""{"loadBalancerSourceRanges":["10.0.0.0/25"]}"""), _ => [Worker], CancellationToken.None)).ShouldBeNull();
        AskUntilAnswered(53).ShouldBe("one 10.0.1.1");

        (await machine.TranslateAsync(ServicePlan.Empty, _ => [], CancellationToken.None)).ShouldBeNull();
        Ask(53).ShouldBeEmpty("a Service that is gone");
        (worker.HasExited, other.HasExited).ShouldBe((false, false));
        worker.Kill();
        other.Kill();
    }

    [Fact]
    public async Task Other_ports_of_the_lb_are_closed_at_a_Service_s_address()
    {
        using Process ssh = _lb.StartInside("socat", "TCP-LISTEN:22,fork,reuseaddr", "SYSTEM:echo ssh");
        for (int attempt = 0; attempt < 40 && Connect(Balanced, 22).Length == 0; attempt++)
        {
            Thread.Sleep(50);
        }

        Connect(Balanced, 22).ShouldBe("ssh", "else this shows nothing");
        (await new ServiceMachine(new NodeRoot(_folder.FullPath), "eth0", _lb.RunAsync, TimeProvider.System).TranslateAsync(Plan("{}"), _ => [], CancellationToken.None)).ShouldBeNull();

        Connect(Balanced, 22).ShouldBeEmpty();
        Connect("10.0.0.1", 22).ShouldBe("ssh", "at the machine's own address it is as it was");
        ssh.Kill();
    }

    private static ServicePlan Plan(string spec) => ServicePlan.Of(
        [ServiceSample.Service("dns", Balanced, spec: spec, ports: """[{"port":53,"protocol":"UDP","nodePort":30053}]""")], ServiceSample.Pool);

    private static bool Pings(NetworkNamespace from, string address) => from.Try("ping", "-n", "-c", "1", "-W", "1", address).ExitCode == 0;

    private string Ask(int port) => _client.Try("sh", "-c", $"echo x | socat -t 1 - UDP:{Balanced}:{port}").Output.Trim();

    /// <summary>A question may be asked again: an answer in time is a matter of how busy the processors are.</summary>
    private string AskUntilAnswered(int port) =>
        Enumerable.Range(0, 5).Select(_ => Ask(port)).FirstOrDefault(answer => answer.Length > 0) ?? "";

    private string Connect(string address, int port) => _client.Try("socat", "-t", "1", "-", $"TCP:{address}:{port},connect-timeout=1").Output.Trim();
}
