using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.Reporting;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.LoadBalancing;

public sealed class VipHealthDutyTests : IDisposable
{
    private const string Vip = "10.0.0.20";
    private const string Own = "10.0.0.21";
    private const string Other = "10.0.0.22";

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();
    private readonly Dictionary<string, VipAnswer> _answers = new(StringComparer.Ordinal) { ["127.0.0.1"] = VipAnswer.Good, [Vip] = VipAnswer.Good, [Other] = VipAnswer.Good };
    private readonly List<string> _asked = [];
    private readonly List<string> _said = [];
    private PeerSet _peers = PeerSet.Parse([Own, Other]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_machine_beside_a_holder_waits_until_DNS_has_named_it_for_half_a_minute()
    {
        _peers = PeerSet.Parse([Other]);
        VipHealthDuty duty = Duty();
        VipStanding standing = await LookAsync(duty, VipStanding.New, seconds: 60);
        standing.MayHold.ShouldBeFalse();

        _peers = PeerSet.Parse([Own, Other]);
        standing = await LookAsync(duty, standing, seconds: 29);
        standing.MayHold.ShouldBeFalse();
        (await LookAsync(duty, standing, seconds: 3)).MayHold.ShouldBeTrue();
        _said.Count(line => line.Contains("waits until DNS has named 10.0.0.21", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Where_nobody_answers_at_the_address_it_waits_ten_seconds()
    {
        _answers[Vip] = VipAnswer.Gone;
        _peers = PeerSet.Empty;
        VipHealthDuty duty = Duty();
        VipStanding standing = await LookAsync(duty, VipStanding.New, seconds: 9);
        standing.MayHold.ShouldBeFalse();
        (await LookAsync(duty, standing, seconds: 3)).MayHold.ShouldBeTrue();
    }

    [Fact]
    public async Task A_holder_asks_nobody_else_as_long_as_it_is_good_and_lets_go_only_to_one_that_is()
    {
        VipHealthDuty duty = Duty();
        VipStanding standing = new() { IsAdmitted = true, MayHold = true };
        standing = await LookAsync(duty, standing, seconds: 5);
        _asked.Distinct().ShouldBe(["127.0.0.1"]);

        _answers["127.0.0.1"] = VipAnswer.Gone;
        _answers[Other] = VipAnswer.Bad;
        standing = await LookAsync(duty, standing, seconds: 20);
        standing.MayHold.ShouldBeTrue();
        _answers[Other] = VipAnswer.Good;
        (await LookAsync(duty, standing, seconds: 1)).MayHold.ShouldBeFalse();
        _said.ShouldContain("virtual address 10.0.0.20: this machine lets it go, for nothing listens here and another machine's is good");
    }

    [Fact]
    public async Task An_agent_that_starts_anew_moves_nothing()
    {
        File.WriteAllText(_folder["vip-health"], "0\n");
        using CancellationTokenSource end = new();
        _answers["127.0.0.1"] = VipAnswer.Good;
        _time.Jumped = elapsed =>
        {
            if (elapsed > TimeSpan.FromSeconds(5))
            {
                end.Cancel();
            }
        };
        await Should.ThrowAsync<OperationCanceledException>(Duty().RunAsync(end.Token));

        File.ReadAllText(_folder["vip-health"]).ShouldBe("0\n");
        _asked.ShouldNotContain(Vip);
    }

    private async Task<VipStanding> LookAsync(VipHealthDuty duty, VipStanding standing, int seconds)
    {
        for (int second = 0; second < seconds; second++)
        {
            standing = await duty.LookAsync(standing, CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return standing;
    }

    private VipHealthDuty Duty() => new(
        _folder["vip-health"], Vip, Own,
        (address, _) =>
        {
            _asked.Add(address);
            return Task.FromResult(_answers[address]);
        },
        _ => Task.FromResult(_peers), new Narrator(_said.Add), _time);
}
