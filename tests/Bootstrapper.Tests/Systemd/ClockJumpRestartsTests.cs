using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Systemd;

public sealed class ClockJumpRestartsTests
{
    private const string Role = "role: etcd\ndns: etcd\nservices:\n- {unit: a.service, restartOnClockJump: true}\n- {unit: b.service}\n- {unit: c.service, restartOnClockJump: true}\n";

    private readonly List<string> _commands = [];
    private readonly List<string> _said = [];

    [Fact]
    public async Task Services_that_count_by_another_clock_are_started_anew_after_a_jump_forward()
    {
        await Restarts(new CommandResult(0, "", "")).RestartAsync(TimeSpan.FromMinutes(45), CancellationToken.None);
        _commands.ShouldBe(["systemctl try-restart --no-block a.service c.service"]);
        _said.ShouldBe(["a.service, c.service: started anew, since the clock went forward"]);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-45)]
    public async Task A_small_jump_and_one_back_restart_nothing(int minutes)
    {
        await Restarts(new CommandResult(0, "", "")).RestartAsync(TimeSpan.FromMinutes(minutes), CancellationToken.None);
        _commands.ShouldBeEmpty();
        _said.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_of_systemd_is_said_with_what_to_do()
    {
        await Restarts(new CommandResult(1, "", "Connection timed out")).RestartAsync(TimeSpan.FromMinutes(45), CancellationToken.None);
        _said.ShouldBe(["a.service, c.service: the clock went forward and systemd does not start them anew (Connection timed out); run 'systemctl restart a.service c.service'"]);
    }

    private ClockJumpRestarts Restarts(CommandResult result) => new(
        State(),
        (program, arguments, _) =>
        {
            _commands.Add($"{program} {string.Join(' ', arguments)}");
            return Task.FromResult(result);
        },
        new Narrator(_said.Add));

    private static NodeState State() => new()
    {
        Identity = new NodeIdentity
        {
            InstanceId = "i",
            Roles = ["etcd"],
            Cluster = "demo",
            Domain = "k8s",
            Hostname = "etcd1",
            Address = "10.0.0.11",
            FirstBoot = new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero),
        },
        Metadata = CloudConfig.Parse(FakeMachine.EtcdUserData(), "user-data", RolesOfProduct.Named("etcd")),
        ImageRoles = CompiledRoles.Of([RoleFile.Parse(Role, "etcd.yaml")]),
    };
}
