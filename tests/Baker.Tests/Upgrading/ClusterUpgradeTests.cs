using Images.Baker.Upgrading;

namespace Images.Baker.Tests.Upgrading;

/// <summary>Nine machines, and all that may come between.</summary>
public sealed class ClusterUpgradeTests
{
    private static readonly string[] _order =
        ["etcd1", "etcd2", "etcd3", "master1", "master2", "lb1", "lb2", "worker1", "worker2"];

    [Fact]
    public async Task All_are_staged_first_and_then_taken_by_their_roles_one_at_a_time()
    {
        FakeFleet fleet = FakeFleet.OfNine();

        await fleet.RunAsync();

        ShouldBeDone(fleet);
        fleet.Story.Take(9).Order(StringComparer.Ordinal).ShouldBe(_order.Select(name => $"{name} stage").Order(StringComparer.Ordinal));
        fleet.Story.Skip(9).ShouldBe(_order.SelectMany(name =>
            name.StartsWith("etcd", StringComparison.Ordinal) ? [$"{name} hand over", $"{name} arm", $"{name} restart"]
            : name.StartsWith("worker", StringComparison.Ordinal) ? [$"{name} close", $"{name} arm", $"{name} restart", $"{name} open"]
            : (string[])[$"{name} arm", $"{name} restart"]));
    }

    [Fact]
    public async Task A_second_run_changes_nothing()
    {
        FakeFleet fleet = FakeFleet.OfNine();
        await fleet.RunAsync();
        fleet.Story.Clear();

        await fleet.RunAsync();

        fleet.Story.ShouldBeEmpty();
        fleet.Said.ShouldContain("worker2: runs 0.2.0 and is well");
    }

    [Fact]
    public async Task A_plan_changes_nothing()
    {
        FakeFleet fleet = FakeFleet.OfNine();

        UpgradePlan plan = (await fleet.PlanAsync()).Plan;

        plan.Steps.Select(step => step.Name).ShouldBe(_order);
        plan.Faults.ShouldBeEmpty();
        fleet.Story.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_program_that_is_killed_at_any_step_is_gone_on_with_by_the_next_run(bool after)
    {
        FakeFleet whole = FakeFleet.OfNine();
        await whole.RunAsync();
        whole.Calls.ShouldBeGreaterThan(100);
        for (int call = 0; call < whole.Calls; call++)
        {
            FakeFleet fleet = FakeFleet.OfNine();
            (fleet.KilledAt, fleet.KilledAfter) = (call, after);
            await Should.ThrowAsync<KilledException>(() => fleet.RunAsync());
            fleet.BeginAnew();

            await fleet.RunAsync();

            ShouldBeDone(fleet);
            fleet.Story.Count(line => line.EndsWith(" arm", StringComparison.Ordinal)).ShouldBe(9, $"killed at {call}");
        }
    }

    [Theory]
    [InlineData("etcd2", 1)]
    [InlineData("master1", 3)]
    [InlineData("worker1", 7)]
    public async Task The_first_that_comes_back_on_the_old_image_stops_all_and_says_why(string bad, int done)
    {
        FakeFleet fleet = FakeFleet.OfNine();
        fleet[bad].IsGoodForIt = false;

        BakeException fault = await Should.ThrowAsync<BakeException>(() => fleet.RunAsync());

        (fault.Code, fault.Place).ShouldBe(("BAKE0978", bad));
        fault.Problem.ShouldBe("is back on image 0.1.0: image 0.2.0 was tried 3 times and given up: ssh.service has failed. No other machine is taken.");
        fleet.Machines.Count(machine => machine.RunsNew).ShouldBe(done);
        fleet.Story.Count(line => line.EndsWith(" arm", StringComparison.Ordinal)).ShouldBe(done + 1);

        (await Should.ThrowAsync<BakeException>(() => fleet.RunAsync())).Code.ShouldBe("BAKE0976", "it is not tried again by itself");
        fleet[bad].IsGoodForIt = true;
        await fleet.RunAsync(again: true);
        ShouldBeDone(fleet);
    }

    [Fact]
    public async Task A_machine_whose_roles_do_not_become_ready_stops_all_and_the_next_run_waits_for_it_first()
    {
        FakeFleet fleet = FakeFleet.OfNine();
        fleet["etcd2"].IsWellOnIt = false;

        BakeException fault = await Should.ThrowAsync<BakeException>(() => fleet.RunAsync());

        (fault.Code, fault.Place).ShouldBe(("BAKE0980", "etcd2"));
        fault.Problem.ShouldContain("etcd.service: starting; it begins");
        (await Should.ThrowAsync<BakeException>(() => fleet.RunAsync())).Code.ShouldBe("BAKE0980");
        fleet["etcd3"].RunsNew.ShouldBeFalse();
        fleet["etcd2"].IsWellOnIt = true;
        await fleet.RunAsync();
        ShouldBeDone(fleet);
    }

    [Fact]
    public async Task Nobody_goes_while_another_of_its_role_is_ill()
    {
        FakeFleet fleet = FakeFleet.OfNine();
        fleet["etcd3"].IsIll = true;

        BakeException fault = await Should.ThrowAsync<BakeException>(() => fleet.RunAsync());

        (fault.Code, fault.Place).ShouldBe(("BAKE0977", "etcd1"));
        fault.Problem.ShouldBe("cannot be spared: etcd3: etcd.service: starting; it begins.");
        fleet.Story.ShouldAllBe(line => line.EndsWith(" stage", StringComparison.Ordinal));
        (await fleet.PlanAsync()).Plan.Unwell.ShouldBe(["etcd3: etcd.service: starting; it begins"]);
    }

    [Fact]
    public async Task A_worker_that_cannot_be_drained_in_time_stays_as_it_was_and_takes_pods()
    {
        FakeFleet fleet = FakeFleet.OfNine();
        fleet.Stuck = "worker1";

        BakeException fault = await Should.ThrowAsync<BakeException>(() => fleet.RunAsync(limits: new UpgradeLimits { Drain = TimeSpan.FromMinutes(2) }));

        (fault.Code, fault.Place).ShouldBe(("BAKE0981", "worker1"));
        fault.Problem.ShouldBe("is not drained within 2 minutes: default/web-1 (kept by a disruption budget).");
        fleet["worker1"].RunsNew.ShouldBeFalse();
        fleet.Closed.ShouldBeEmpty();
        fleet.Story[^2..].ShouldBe(["worker1 close", "worker1 open"]);
        fleet.Stuck = null;
        await fleet.RunAsync();
        ShouldBeDone(fleet);
    }

    [Fact]
    public async Task The_only_machine_of_a_cluster_is_not_drained_for_nobody_would_take_its_pods()
    {
        FakeFleet fleet = new(("node1", "etcd,master,worker"));

        await fleet.RunAsync();

        fleet.Story.ShouldBe(["node1 stage", "node1 hand over", "node1 arm", "node1 restart"]);
        fleet.Said.ShouldContain("node1: no other Node takes its pods: they end with it and come back with it");
        ShouldBeDone(fleet);
    }

    [Fact]
    public async Task Machines_of_several_roles_are_taken_once_with_all_that_their_roles_want()
    {
        FakeFleet fleet = new(("node1", "etcd,master,worker"), ("node2", "etcd,master,worker"), ("node3", "etcd,master,worker"));

        await fleet.RunAsync();

        ShouldBeDone(fleet);
        fleet.Story.Skip(3).Take(5).ShouldBe(["node1 close", "node1 hand over", "node1 arm", "node1 restart", "node1 open"]);
    }

    [Fact]
    public async Task A_machine_that_says_nothing_any_more_is_waited_for_and_then_named()
    {
        FakeFleet fleet = FakeFleet.OfNine();
        await fleet.PlanAsync();
        fleet["lb1"].Say = look => fleet.Story.Contains("lb1 restart") ? throw new BakeException("BAKE0843", "lb1", "cannot be logged in to: no route to host.", "", BakeFault.Source) : look;

        BakeException fault = await Should.ThrowAsync<BakeException>(() => fleet.RunAsync());

        (fault.Code, fault.Place).ShouldBe(("BAKE0979", "lb1"));
        fault.Problem.ShouldBe("has not kept the image within 60 minutes: cannot be logged in to: no route to host.");
        fleet.Machines.Count(machine => machine.RunsNew).ShouldBe(6, "five before it, and itself, though it does not say so");
    }

    private static void ShouldBeDone(FakeFleet fleet)
    {
        fleet.Machines.ShouldAllBe(machine => machine.RunsNew && !machine.IsAway);
        fleet.Closed.ShouldBeEmpty();
    }
}
