using Images.Baker.Upgrading;
using Images.TestSupport;

namespace Images.Baker.Tests.Upgrading;

/// <summary>What a plan says, and with what nothing is begun.</summary>
public sealed class UpgradePlannerTests
{
    private readonly FakeFleet _fleet = FakeFleet.OfNine();

    [Fact]
    public async Task A_machine_that_does_not_answer_is_named_and_nothing_is_begun()
    {
        _fleet["worker2"].Say = _ => throw new BakeException("BAKE0843", "worker2", "cannot be logged in to: refused.", "", BakeFault.Source);
        _fleet["lb1"].Say = _ => throw new BakeException("BAKE0973", "lb1", "runs an image from before there were upgrades.", "Replace the machine.");

        UpgradePlan plan = (await _fleet.PlanAsync()).Plan;

        plan.Faults.Select(fault => $"{fault.Code} {fault.Place}").ShouldBe(["BAKE0973 lb1", "BAKE0843 worker2"]);
        await Should.ThrowAsync<BakeException>(() => _fleet.RunAsync());
        _fleet.Story.ShouldBeEmpty();
        _fleet.Said.Count(line => line == "worker2: does not answer; asked again for 5 minutes").ShouldBe(2, "once a run");
    }

    [Theory]
    [InlineData("BAKE0985", "is of the cluster shop.k8s, not of demo.k8s.", "cluster")]
    [InlineData("BAKE0985", "is of no cluster yet.", "none")]
    [InlineData("BAKE0976", "runs the image 'shop', and this is 'node'.", "name")]
    [InlineData("BAKE0976", "is of arm64, and the image of amd64.", "architecture")]
    [InlineData("BAKE0976", "has image 0.1.5 on trial.", "trial")]
    [InlineData("BAKE0976", "has slots of 512 KiB, and the image needs 1 MiB.", "slot")]
    [InlineData("BAKE0976", "has room for 1 KiB on its EFI system partition, and the kernel image has 4 KiB.", "kernel")]
    [InlineData("BAKE0976", "has given this image up: it hung.", "failed")]
    [InlineData("BAKE0975", "Kubernetes 1.18.0 → 1.20.2: 2 minors, and API servers may go up by one at a time.", "kubernetes")]
    [InlineData("BAKE0975", "etcd 3.5.16 → 3.4.23: older, and etcd does not open data that a newer minor has written.", "etcd")]
    [InlineData("BAKE0974", "what 'bootstrapper upgrade --look' says there is not understood: 'latest' is no version.", "nonsense")]
    public async Task A_machine_that_does_not_take_the_image_says_why(string code, string problem, string what)
    {
        _fleet["etcd2"].Say = look => what switch
        {
            "cluster" => look with { Cluster = "shop.k8s" },
            "none" => look with { Cluster = "" },
            "name" => look with { Name = "shop" },
            "architecture" => look with { Architecture = "arm64" },
            "trial" => look with { Version = "0.1.5", RootHash = new string('c', 64), IsOnTrial = true },
            "slot" => look with { SlotBytes = 512 << 10 },
            "kernel" => look with { KernelBytes = 1 << 10 },
            "failed" => look with { Failed = [FakeFleet.NewHash], LastFailure = "it hung.\n" },
            "kubernetes" => look with { Kubernetes = "1.18.0" },
            "etcd" => look with { Etcd = "3.5.16" },
            _ => look with { Kubernetes = "latest" },
        };

        BakeException fault = (await _fleet.PlanAsync()).Plan.Faults.ShouldHaveSingleItem();

        (fault.Code, fault.Place, fault.Problem).ShouldBe((code, "etcd2", problem));
    }

    [Fact]
    public async Task What_runs_the_image_already_is_asked_nothing_of_its_room_and_comes_first()
    {
        _fleet["worker1"].Say = look => look with { RootHash = FakeFleet.NewHash, Version = FakeFleet.New, SlotBytes = 1, Kubernetes = "latest" };

        UpgradePlan plan = (await _fleet.PlanAsync()).Plan;

        plan.Faults.ShouldBeEmpty();
        plan.Steps[0].Name.ShouldBe("worker1");
    }

    [Fact]
    public async Task Two_names_of_one_machine_are_one_machine()
    {
        FakeFleet fleet = new(("etcd1", "etcd"), ("etcd2", "etcd"));
        fleet["etcd2"].Say = look => look with { Hostname = "etcd1", Address = "10.0.0.51" };

        (await fleet.PlanAsync()).Plan.Steps.ShouldHaveSingleItem();

        fleet["etcd2"].Say = look => look with { Hostname = "etcd1" };
        (await fleet.PlanAsync()).Plan.Steps.Count.ShouldBe(2, "two machines of one name have two addresses");
    }

    [Fact]
    public async Task A_newer_Kubernetes_is_told_of_before_it_comes()
    {
        _fleet.Target = _fleet.Target with { Manifest = FakeFleet.Manifest() with { Kubernetes = "1.22.0" } };
        foreach (FakeMachine machine in _fleet.Machines)
        {
            machine.Say = look => look with { Kubernetes = "1.21.0" };
        }

        UpgradePlan plan = (await _fleet.PlanAsync()).Plan;

        plan.Faults.ShouldBeEmpty();
        plan.Notes.ShouldContain("no longer served since 1.22: extensions/v1beta1 Ingress (now networking.k8s.io/v1)");
        FakeFleet all = new(("node1", "master,worker"), ("node2", "master,worker")) { Target = _fleet.Target };
        foreach (FakeMachine machine in all.Machines)
        {
            machine.Say = look => look with { Kubernetes = "1.21.0" };
        }

        (await all.PlanAsync()).Plan.Notes.ShouldContain("kubelets of masters will be of 1.22.0 while other masters are of 1.21.0: let these be two roles");
    }

    [Fact]
    public async Task A_plan_is_a_table()
    {
        FakeFleet fleet = new(("etcd1", "etcd"), ("node1", "master,worker"));
        fleet["etcd1"].Say = look => look with { RootHash = FakeFleet.NewHash, Version = "0.2.0\u001b[2J" };
        fleet["node1"].IsIll = true;
        using StringWriter output = new() { NewLine = "\n" };

        UpgradePlanText.Write((await fleet.PlanAsync()).Plan, output);

        output.ToString().ShouldBe("""
            to 0.2.0 (root hash bbbbbbbbbbbb…)
                 MACHINE   ROLES          RUNS       WHAT IS DONE
              1  etcd1     etcd           0.2.0 [2J  nothing: it runs it
              2  node1     master,worker  0.1.0      write, drain, restart
            not well: node1: master.service: starting; it begins

            """.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_no_upgrade_is_named(bool exists)
    {
        using TemporaryFolder folder = new();
        string path = folder["node.upgrade"];
        if (exists)
        {
            Directory.CreateDirectory(path);
        }

        BakeException fault = Should.Throw<BakeException>(() => UpgradeTarget.Read(path));

        (fault.Code, fault.Place).ShouldBe(("BAKE0970", path));
    }

    [Fact]
    public async Task A_lock_file_keeps_a_second_run_off_until_the_first_has_ended()
    {
        using TemporaryFolder folder = new();
        await using (SeedLock held = SeedLock.Take(folder.FullPath))
        {
            await held.RequireAsync(CancellationToken.None);
            Should.Throw<BakeException>(() => SeedLock.Take(folder.FullPath)).Code.ShouldBe("BAKE0983");
        }

        await SeedLock.Take(folder.FullPath).DisposeAsync();
    }
}
