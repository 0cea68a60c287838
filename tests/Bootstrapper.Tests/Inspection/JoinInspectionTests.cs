using System.Text.Json;
using Images.Bootstrapper.Boot;
using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Inspection;

/// <summary>A machine that is told what it is found with.</summary>
public sealed class JoinInspectionTests : IDisposable
{
    private static readonly Finding _good = new("processors", FindingWeight.Good, "2");
    private static readonly Finding _slow = new("disk's speed", FindingWeight.Notice, "30 ms");
    private static readonly Finding _small = new("memory", FindingWeight.Fault, "700 MiB");

    private readonly FakeMachine _machine = new();
    private readonly List<string> _said = [];
    private readonly List<string> _statuses = [];
    private int _looks;

    public JoinInspectionTests() => Begin();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task What_is_amiss_is_said_once_and_shown_and_keeps_nobody_out()
    {
        await Inspection(isStrict: false, [_good, _slow, _small]).RunAsync(CancellationToken.None);
        _said.ShouldBe(["inspection: disk's speed: 30 ms", "inspection: memory: 700 MiB"]);
        Status().ShouldContain("good      processors: 2\nnotice    disk's speed: 30 ms\namiss     memory: 700 MiB\n");
        using JsonDocument json = JsonDocument.Parse(Status(json: true));
        json.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("weight").GetString())
            .ShouldBe(["Good", "Notice", "Fault"]);
        Status().ShouldNotContain("failure");
    }

    [Fact]
    public async Task A_strict_machine_joins_once_nothing_is_amiss_and_says_so_in_one_message()
    {
        await Inspection(isStrict: true, [_good, _small], [_good, _small], [_good, _slow]).RunAsync(CancellationToken.None);
        _said.ShouldBe(
        [
            "NODE0109  this machine: it does not join its cluster, for the metadata says 'strict: true': memory: 700 MiB; mend it, and it joins by itself, or take 'strict' out of the metadata",
            "inspection: disk's speed: 30 ms",
        ]);
        _looks.ShouldBe(3);
        _statuses[1].ShouldContain("failure   NODE0109  this machine: ");
        _statuses[1].ShouldContain("amiss     memory: 700 MiB\n");
    }

    [Fact]
    public async Task Nobody_looks_again_once_the_services_have_the_machine()
    {
        await Inspection(isStrict: false, [_small]).RunAsync(CancellationToken.None);
        await Inspection(isStrict: false, [_slow]).RunAsync(CancellationToken.None);
        _looks.ShouldBe(1);

        _machine.Reboot();
        Begin();
        await Inspection(isStrict: false, [_good]).RunAsync(CancellationToken.None);
        InspectionFile.Read(_machine.Root).ShouldBe([_good]);
    }

    [Fact]
    public async Task A_fault_in_the_inspector_keeps_only_a_strict_machine_out()
    {
        await Broken(isStrict: false).RunAsync(CancellationToken.None);
        _said.ShouldBe(["inspection: machine: it cannot be inspected: a bug"]);

        _machine.Reboot();
        Begin();
        _looks = 0;
        await Broken(isStrict: true).RunAsync(CancellationToken.None);
        _said[1].ShouldStartWith("NODE0109  this machine: it does not join its cluster, for the metadata says 'strict: true': machine: it cannot be inspected: a bug; ");
        _looks.ShouldBe(2);
    }

    [Fact]
    public void A_file_that_nobody_can_read_is_no_finding()
    {
        _machine.Put(NodeConfig.NodePaths.Inspection, "[{");
        Status().ShouldStartWith("phase     starting roles\n");
    }

    private void Begin() =>
        StatusFile.Write(_machine.Root, new StatusDocument { Phase = StatusDocument.StartingRoles, BootStarted = 0 });

    /// <summary>At its first look.</summary>
    private JoinInspection Broken(bool isStrict) => new(
        _machine.Root, isStrict,
        _ => _looks++ == 0 ? throw new InvalidOperationException("a bug") : Task.FromResult<IReadOnlyList<Finding>>([_good]),
        new Narrator(_said.Add), _machine.Time);

    private JoinInspection Inspection(bool isStrict, params Finding[][] looks) => new(
        _machine.Root, isStrict,
        _ =>
        {
            _statuses.Add(Status());
            IReadOnlyList<Finding> seen = looks[Math.Min(_looks, looks.Length - 1)];
            _looks++;
            return Task.FromResult(seen);
        },
        new Narrator(_said.Add), _machine.Time);

    private string Status(bool json = false)
    {
        using StringWriter output = new();
        StatusCommand.Run(_machine.Root, output, json);
        return output.ToString();
    }
}
