using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.LoadBalancing.ServiceAddresses;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.LoadBalancing.ServiceAddresses;

public sealed class ServiceAddressesDutyTests : IDisposable
{
    private const string Udp = """[{"port":53,"protocol":"UDP","nodePort":30053}]""";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeHaproxy _haproxy = new("udp:default:dns:53/w1", "udp:default:dns:53/w2");
    private readonly VirtualTime _time = new();
    private readonly List<string> _said = [];
    private readonly List<string> _run = [];
    private readonly List<string> _tables = [];
    private readonly ServiceAddressesDuty _duty;
    private IReadOnlyList<BackendPool> _pools = [];
    private PeerSet _workers = PeerSet.Parse(["10.0.0.31", "10.0.0.32"]);
    private HaproxyRuntime _runtime;
    private string _failing = "";

    public ServiceAddressesDutyTests()
    {
        _runtime = new HaproxyRuntime(_haproxy.SocketPath);
        _duty = Duty();
    }

    private string Haproxy => _folder["etc/haproxy/services.d/services.cfg"];

    private string Keepalived => _folder["etc/keepalived/services.conf"];

    public void Dispose()
    {
        _haproxy.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_Service_is_guarded_first_then_forwarded_then_held_and_nothing_is_done_twice()
    {
        await LookAsync(ServiceSample.Service("hello", "10.0.0.64"));
        await LookAsync(ServiceSample.Service("hello", "10.0.0.64"));

        _run.Where(line => !line.StartsWith("nft list", StringComparison.Ordinal)).ShouldBe(
            ["nft --file -", "systemctl try-reload-or-restart haproxy.service", "systemctl try-reload-or-restart --no-block keepalived.service"]);
        File.ReadAllText(Keepalived).ShouldBe("    10.0.0.64/32 dev eth0\n");
        File.ReadAllText(Haproxy).ShouldContain("bind 10.0.0.64:80\n");
        File.ReadAllText(Haproxy).ShouldContain("server w2 10.0.0.32:30080 check\n", Case.Sensitive, "a reload loses no worker");
        _pools.ShouldBe([new BackendPool("tcp:default:hello:80", "worker", 30080)]);
        _said.ShouldBe(["forwards port 80/TCP of the Service default/hello at 10.0.0.64 to workers' port 30080"]);
    }

    [Fact]
    public async Task A_Service_that_is_gone_is_released_everywhere()
    {
        await LookAsync(ServiceSample.Service("hello", "10.0.0.64"));
        await LaterAsync();

        File.ReadAllText(Keepalived).ShouldBeEmpty();
        File.ReadAllText(Haproxy).ShouldNotContain("frontend");
        _tables[^1].ShouldNotContain("10.0.0.64");
        _pools.ShouldBeEmpty();
        _said[^1].ShouldBe("no longer forwards port 80/TCP of the Service default/hello at 10.0.0.64");
    }

    [Fact]
    public async Task Haproxy_is_reloaded_once_in_ten_seconds_and_not_for_a_worker_that_comes_or_goes()
    {
        await LookAsync(ServiceSample.Service("a", "10.0.0.64"));
        KubernetesObject[] two = [ServiceSample.Service("a", "10.0.0.64"), ServiceSample.Service("b", "10.0.0.65")];
        await LookAsync(two);
        Reloads.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(10));
        await LookAsync(two);
        Reloads.ShouldBe(2);
        _workers = PeerSet.Parse(["10.0.0.31", "10.0.0.33", "10.0.0.34"]);
        _time.Advance(TimeSpan.FromSeconds(10));
        await LookAsync(two);
        Reloads.ShouldBe(2);
    }

    [Fact]
    public async Task A_haproxy_that_does_not_run_finds_the_file_when_it_starts_and_reads_it_once_more()
    {
        _runtime = new HaproxyRuntime(_folder["nowhere.sock"]);
        ServiceAddressesDuty duty = Duty();
        await duty.LookAsync([ServiceSample.Service("a", "10.0.0.64")], CancellationToken.None);
        File.ReadAllText(Haproxy).ShouldContain("bind 10.0.0.64:80\n");
        Reloads.ShouldBe(0);
        File.ReadAllText(Keepalived).ShouldContain("10.0.0.64/32");

        File.CreateSymbolicLink(_folder["nowhere.sock"], _haproxy.SocketPath);
        await duty.LookAsync([ServiceSample.Service("a", "10.0.0.64")], CancellationToken.None);
        Reloads.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_haproxy_refuses_does_not_stay_and_is_said_once()
    {
        await LookAsync(ServiceSample.Service("a", "10.0.0.64"));
        string before = File.ReadAllText(Haproxy);
        _failing = "haproxy.service";
        await LaterAsync(ServiceSample.Service("b", "10.0.0.65"));
        await LaterAsync(ServiceSample.Service("b", "10.0.0.65"));

        File.ReadAllText(Haproxy).ShouldBe(before);
        _said.Count(line => line.StartsWith("haproxy does not take the Services of type LoadBalancer, and goes on as before: ", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task UDP_goes_to_workers_that_are_well_and_flows_to_one_that_is_not_are_forgotten()
    {
        _haproxy.Place("udp:default:dns:53/w1", "10.0.0.31", isUp: true);
        _haproxy.Place("udp:default:dns:53/w2", "10.0.0.32", isUp: true);
        await LookAsync(ServiceSample.Service("dns", "10.0.0.64", ports: Udp));
        _tables[^1].ShouldContain("dnat to numgen inc mod 2 map { 0 : 10.0.0.31, 1 : 10.0.0.32 }:30053");

        _haproxy.Place("udp:default:dns:53/w1", "10.0.0.31", isUp: false);
        await LookAsync(ServiceSample.Service("dns", "10.0.0.64", ports: Udp));
        _tables[^1].ShouldContain("udp dport 53 dnat to 10.0.0.32:30053");
        _run.Where(line => line.StartsWith("conntrack", StringComparison.Ordinal)).ShouldBe(["conntrack -D -p udp --orig-dst 10.0.0.64 --orig-port-dst 53 --reply-src 10.0.0.31"]);

        await LaterAsync();
        _run[^1].ShouldNotContain("10.0.0.31");
        _run.Count(line => line.StartsWith("conntrack", StringComparison.Ordinal)).ShouldBe(2, "nor do flows of a Service live that is gone");
    }

    [Fact]
    public async Task A_table_that_somebody_emptied_is_set_again()
    {
        await LookAsync(ServiceSample.Service("a", "10.0.0.64"));
        _time.Advance(TimeSpan.FromSeconds(29));
        await LookAsync(ServiceSample.Service("a", "10.0.0.64"));
        _tables.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(2));
        await LookAsync(ServiceSample.Service("a", "10.0.0.64"));
        _tables.Count.ShouldBe(2, "no chain says that it stands");
    }

    [Fact]
    public async Task What_the_kernel_refuses_is_said_and_tried_again()
    {
        _failing = "nft";
        await LookAsync(ServiceSample.Service("a", "10.0.0.64"));
        _failing = "";
        await LookAsync(ServiceSample.Service("a", "10.0.0.64"));

        _said[^1].ShouldStartWith("the kernel does not take the rules for addresses of Services: nft: ");
        _tables.Count.ShouldBe(2);
    }

    private ServiceAddressesDuty Duty() => new(
        () => throw new InvalidOperationException("no API here"), ServiceSample.Pool, new ServiceMachine(new NodeRoot(_folder.FullPath), "eth0", RunAsync, _time),
        _ => Task.FromResult(_workers), _runtime, pools => _pools = pools, new Narrator(_said.Add), _time);

    private int Reloads => _run.Count(line => line.EndsWith("haproxy.service", StringComparison.Ordinal));

    private Task LaterAsync(params KubernetesObject[] services)
    {
        _time.Advance(TimeSpan.FromSeconds(10));
        return LookAsync(services);
    }

    private Task LookAsync(params KubernetesObject[] services) => _duty.LookAsync(services, CancellationToken.None);

    private Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        string line = $"{program} {string.Join(' ', arguments)}";
        _run.Add(line);
        if (input is not null)
        {
            _tables.Add(input);
        }

        bool fails = line.StartsWith("nft list", StringComparison.Ordinal) || (_failing.Length > 0 && line.Contains(_failing, StringComparison.Ordinal));
        return Task.FromResult(new CommandResult(fails ? 1 : 0, "", fails ? "refused" : ""));
    }
}
