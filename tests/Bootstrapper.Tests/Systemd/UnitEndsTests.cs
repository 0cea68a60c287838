using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Tests.Systemd;

/// <summary>Which ends of a unit's program are counted, from what systemd says at one look and the next.</summary>
public sealed class UnitEndsTests
{
    private static readonly UnitState _running = State("active", "running");
    private static readonly UnitState _killed = State("activating", "auto-restart") with { Result = "signal", ExitCode = 2, ExitStatus = 9, ExitedAt = 5_000_000 };

    private readonly UnitEnds _ends = new();

    [Fact]
    public void A_killed_program_is_counted_once_with_its_signal_though_systemd_counts_its_restart_later()
    {
        See(_running).ShouldBe((0, null));
        See(_killed).ShouldBe((1, "signal 9"));
        See(_killed).ShouldBe((0, null), "the same end");
        See(State("activating", "start-pre") with { ExitedAt = 5_000_000, ExitCode = 2, ExitStatus = 9, Restarts = 1 }).ShouldBe((0, null));
        See(_running with { Restarts = 1 }).ShouldBe((0, null));
        See(_killed with { ExitedAt = 90_000_000, Restarts = 1 }).ShouldBe((1, "signal 9"));
        See(_running with { Restarts = 2 }).ShouldBe((0, null));
    }

    [Fact]
    public void Ends_between_two_looks_are_counted_by_the_restarts()
    {
        See(_running);
        See(_running with { Restarts = 3 }).ShouldBe((3, null));
        See(_killed with { Restarts = 3 }).ShouldBe((1, "signal 9"));
        See(_running with { Restarts = 5 }).ShouldBe((1, null), "one more than was seen");
    }

    [Fact]
    public void What_somebody_stops_or_starts_anew_has_not_ended_by_itself()
    {
        See(_running);
        UnitState stopped = State("inactive", "dead") with { ExitCode = 1, ExitedAt = 5_000_000 };
        See(stopped with { Active = "deactivating", Sub = "stop-sigterm", ExitedAt = 0 }).ShouldBe((0, null));
        See(stopped with { Active = "deactivating", Sub = "stop-post" }).ShouldBe((0, null));
        See(stopped).ShouldBe((0, null));
        See(_running).ShouldBe((0, null));
        See(State("activating", "start-pre") with { ExitCode = 2, ExitStatus = 15, ExitedAt = 9_000_000 }).ShouldBe((0, null), "systemctl restart");
        See(_running).ShouldBe((0, null));
    }

    [Fact]
    public void A_program_that_leaves_with_success_and_is_to_run_on_has_ended()
    {
        See(_running);
        See(State("deactivating", "stop-post") with { ExitCode = 1, ExitedAt = 5_000_000 }).ShouldBe((0, null), "it may have been asked to");
        See(State("activating", "auto-restart") with { ExitCode = 1, ExitedAt = 5_000_000 }).ShouldBe((1, "exit code 0"));
    }

    [Fact]
    public void A_preparation_that_gives_up_and_is_tried_again_is_no_end_of_the_program()
    {
        UnitState preparing = State("activating", "auto-restart") with { Result = "exit-code" };
        See(preparing).ShouldBe((0, null));
        See(preparing with { Restarts = 1 }).ShouldBe((0, null));
        See(preparing with { Restarts = 2 }).ShouldBe((0, null));
        See(_running with { Restarts = 2 }).ShouldBe((0, null));
    }

    [Fact]
    public void An_agent_that_takes_over_counts_on()
    {
        _ends.Resume(restarts: 2);
        See(_running with { Restarts = 3 }).ShouldBe((1, null), "while no agent ran");
        new UnitEnds().See(_running with { Restarts = 3 }).ShouldBe((0, null), "the first agent of this boot knows of none");
    }

    [Theory]
    [InlineData("signal", 2, 11, "signal 11")]
    [InlineData("core-dump", 3, 6, "signal 6, core dumped")]
    [InlineData("exit-code", 1, 255, "exit code 255")]
    [InlineData("oom-kill", 2, 9, "the kernel or systemd ended it for want of memory")]
    [InlineData("timeout", 2, 9, "a time-out")]
    public void The_cause_is_in_words(string result, int code, int status, string cause) =>
        (_killed with { Result = result, ExitCode = code, ExitStatus = status }).Cause.ShouldBe(cause);

    [Theory]
    [InlineData("etcd.service", "etcd_2eservice")]
    [InlineData("kube-apiserver.service", "kube_2dapiserver_2eservice")]
    [InlineData("9p@a.mount", "_39p_40a_2emount")]
    public void A_unit_s_object_on_the_bus_has_its_name_with_all_else_escaped(string unit, string name) =>
        UnitSignals.PathOf(unit).ShouldBe($"/org/freedesktop/systemd1/unit/{name}");

    private (int, string?) See(UnitState state) => _ends.See(state);

    private static UnitState State(string active, string sub) => new() { Unit = "a.service", Active = active, Sub = sub };
}
