using Images.Bootstrapper.Pki;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Tests.Pki;

public sealed class ClockWaitTests : IDisposable
{
    private static readonly DateTimeOffset _imageMade = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeMachine _machine = new();
    private readonly List<string> _waits = [];
    private ClusterSecrets _secrets = TestAuthority.Secrets("etcd-peer", TestAuthority.Create("etcd-peer", _imageMade));

    public ClockWaitTests()
    {
        _machine.Put(NodePaths.ImageDescription, $$"""{"sourceDate":{{_imageMade.ToUnixTimeSeconds()}}}""");
        _machine.Put("/proc/uptime", "30.00 20.00\n");
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_clock_that_may_be_right_costs_no_time()
    {
        (await WaitAsync(_imageMade.AddDays(1))).ShouldBeNull();
        _machine.Time.Elapsed.ShouldBe(TimeSpan.Zero);
        _waits.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_clock_that_started_at_the_time_of_the_image_is_waited_for_and_not_for_long()
    {
        string? fault = await WaitAsync(_imageMade.AddSeconds(30));
        fault.ShouldBe("it says 2026-01-01 00:00:30 UTC, and started at the time of this image, 2026-01-01 00:00:00 UTC");
        _machine.Time.Elapsed.ShouldBe(ClockWait.Patience);
        _waits.Distinct().ShouldBe([$"a time server to set the clock, for at most 20 s: {fault}"]);
    }

    [Fact]
    public async Task The_wait_ends_when_the_clock_is_set()
    {
        SetClock clock = new(_imageMade);
        (await WaitAsync(clock, () => clock.Now = _imageMade.AddDays(200))).ShouldBeNull();
        _machine.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        (await WaitAsync(new SetClock(_imageMade), () => _machine.Put(ClockWait.Synchronised, ""))).ShouldBeNull();
        _machine.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_clock_before_the_beginning_of_an_authority_is_waited_for()
    {
        _secrets = TestAuthority.Secrets("etcd-peer", TestAuthority.Create("etcd-peer", _imageMade.AddDays(10)));
        (await WaitAsync(_imageMade.AddDays(9))).ShouldBe("it says 2026-01-10 00:00:00 UTC, and the authority etcd-peer of the metadata begins at 2026-01-11 00:00:00 UTC");
        (await WaitAsync(_imageMade.AddDays(11))).ShouldBeNull();
    }

    [Fact]
    public void The_authority_that_begins_last_tells_what_the_clock_cannot_be_before()
    {
        ClockWait.Youngest(ClusterSecrets.None).ShouldBeNull();
        ClusterSecrets secrets = new()
        {
            Authorities = new Dictionary<string, IReadOnlyList<ClusterAuthority>>(StringComparer.Ordinal)
            {
                ["etcd-client"] = [TestAuthority.Create("etcd-client", _imageMade.AddDays(1))],
                ["etcd-peer"] = [TestAuthority.Create("etcd-peer", _imageMade.AddDays(3)), TestAuthority.Create("etcd-peer", _imageMade.AddDays(9))],
                ["kubernetes"] = [new ClusterAuthority { Certificate = "no certificate" }],
            },
        };
        ClockWait.Youngest(secrets).ShouldBe(("etcd-peer", _imageMade.AddDays(3)));
    }

    private Task<string?> WaitAsync(DateTimeOffset now) => WaitAsync(new SetClock(now), () => { });

    private Task<string?> WaitAsync(TimeProvider clock, Action onWait) => new ClockWait(_machine.Root, clock, _machine.Time).RunAsync(
        _secrets,
        (what, lastSeen) =>
        {
            _waits.Add($"{what}: {lastSeen}");
            onWait();
        },
        CancellationToken.None);
}
