using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.LoadBalancing;

public sealed class LbDutyTests : IDisposable
{
    private readonly FakeHaproxy _haproxy = new("masters/s0", "masters/s1", "masters-any/s0", "masters-any/s1", "masters/vip");
    private readonly VirtualTime _time = new();
    private readonly List<string> _said = [];
    private PeerSet _masters = PeerSet.Parse(["10.0.0.21"]);
    private (string, string)? _certificate;
    private BackendPool[] _more = [];

    public void Dispose() => _haproxy.Dispose();

    [Fact]
    public async Task Machines_that_DNS_names_get_places_in_each_backend_and_are_said_once()
    {
        LbDuty duty = Duty();
        await duty.LookAsync(CancellationToken.None);
        await duty.LookAsync(CancellationToken.None);

        _haproxy.Servers.ShouldBe(
            [
                "masters/s0 10.0.0.21:6443 on", "masters/s1 127.0.0.1:1 off", "masters-any/s0 10.0.0.21:6443 on", "masters-any/s1 127.0.0.1:1 off", "masters/vip 127.0.0.1:1 off",
            ]);
        _said.ShouldBe(["api-forwarder.service: masters has 10.0.0.21 now"]);
    }

    [Fact]
    public async Task A_machine_that_left_DNS_drains_until_its_last_connection_or_ten_minutes()
    {
        LbDuty duty = Duty();
        await duty.LookAsync(CancellationToken.None);
        _haproxy.Sessions = 3;
        await AnswerAsync(duty, "10.0.0.22");
        _haproxy.Servers[..2].ShouldBe(["masters/s0 10.0.0.21:6443 draining", "masters/s1 10.0.0.22:6443 on"]);

        await duty.LookAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(9));
        await duty.LookAsync(CancellationToken.None);
        _haproxy.Servers[0].ShouldEndWith("draining");
        _time.Advance(TimeSpan.FromMinutes(1.1));
        await duty.LookAsync(CancellationToken.None);
        _haproxy.Servers[0].ShouldEndWith("off");

        await AnswerAsync(duty, "10.0.0.21");
        _haproxy.Sessions = 0;
        await duty.LookAsync(CancellationToken.None);
        _haproxy.Servers[..2].ShouldBe(["masters/s0 10.0.0.21:6443 on", "masters/s1 10.0.0.22:6443 off"]);
    }

    [Fact]
    public async Task More_machines_than_places_are_said_once()
    {
        LbDuty duty = Duty();
        await AnswerAsync(duty, "10.0.0.21", "10.0.0.22", "10.0.0.23");
        await duty.LookAsync(CancellationToken.None);

        _said.Count(line => line.Contains("no place for 10.0.0.23: DNS names more than 2", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_backend_that_haproxy_has_not_read_yet_waits()
    {
        _more = [new BackendPool("tcp:default:hello:80", "master", 30080)];
        await Duty().LookAsync(CancellationToken.None);

        _haproxy.Servers[0].ShouldBe("masters/s0 10.0.0.21:6443 on");
        _said.ShouldBe(["api-forwarder.service: masters has 10.0.0.21 now"]);
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_without_a_reload_and_once()
    {
        LbDuty duty = Duty();
        _certificate = ("/pki/client.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\n-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n");
        await duty.LookAsync(CancellationToken.None);
        await duty.LookAsync(CancellationToken.None);

        string[] shown = [.. _haproxy.Commands.Where(command => command.Contains("ssl cert", StringComparison.Ordinal))];
        shown.Length.ShouldBe(2);
        shown[0].ShouldBe("set ssl cert /pki/client.pem <<\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n\n");
        shown[1].ShouldBe("commit ssl cert /pki/client.pem\n");
    }

    [Fact]
    public async Task A_haproxy_that_does_not_run_is_no_fault_of_the_duty() =>
        await Should.ThrowAsync<IOException>(new HaproxyRuntime("/nowhere/control.sock").AskAsync("show servers state", CancellationToken.None));

    private Task AnswerAsync(LbDuty duty, params string[] addresses)
    {
        _masters = PeerSet.Parse(addresses);
        _time.Advance(TimeSpan.FromSeconds(5));
        return duty.LookAsync(CancellationToken.None);
    }

    private LbDuty Duty() => new(
        "api-forwarder.service", new HaproxyRuntime(_haproxy.SocketPath),
        () => [new BackendPool("masters", "master", 6443), new BackendPool("masters-any", "master", 6443, IsSpare: true), .. _more],
        (_, _) => Task.FromResult(_masters), () => _certificate, new ReloadSignal(_time), new Narrator(_said.Add), _time);
}
