using System.Globalization;
using System.Numerics;
using Images.Bootstrapper.Health;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Agent;

/// <summary>
/// Follows one unit of the machine's roles and says on the console when it turns ready or stops being so, and when its
/// program ended by itself, with the cause.
/// </summary>
internal sealed class ServiceWatch(string unit, NodeRoot root, NodeConsole console)
{
    /// <summary>One missed answer of a busy machine is no news.</summary>
    private const int MissesUntilSaid = 3;

    /// <summary>What ends every five seconds is not said each time.</summary>
    private const int EndsSaidSingly = 3;

    private static readonly TimeSpan _remembered = TimeSpan.FromMinutes(10);

    private readonly UnitEnds _ends = new();
    private int _misses;

    public ServiceStatus Status { get; private set; } = new() { Unit = unit, State = ServiceStatus.Starting };

    /// <summary>Takes over what an agent before a restart had seen, so that nothing is said twice.</summary>
    public void Resume(ServiceStatus? earlier)
    {
        if (earlier is not null)
        {
            Status = earlier;
            _ends.Resume(earlier.Restarts);
        }
    }

    /// <param name="report">What was seen just now.</param>
    /// <param name="secondsSinceBoot">Since the boot sequence began.</param>
    public void See(HealthReport report, int secondsSinceBoot)
    {
        bool hasEnded = NoteEnds(report.State);
        bool wasReady = Status.State == ServiceStatus.Ready;
        if (report.IsReady)
        {
            SeeReady(report, hasEnded, secondsSinceBoot);
            return;
        }

        // an answer may be missed; what systemd says is so
        bool isSure = hasEnded || report.State is { Active: not null, IsActive: false };
        if (wasReady && !isSure && ++_misses < MissesUntilSaid)
        {
            return;
        }

        Status = ServiceStates.Of(report, Status, UnitWait.Read(root, unit));
        if (wasReady && !hasEnded)
        {
            console.WriteLine($"not ready any more: {unit}: {report.Detail}");
        }
    }

    private void SeeReady(HealthReport report, bool hasEnded, int secondsSinceBoot)
    {
        _misses = 0;
        bool isNews = Status.State != ServiceStatus.Ready || hasEnded;
        bool isFirst = Status.ReadyAfterSeconds is null;
        Status = ServiceStates.Of(report, Status, wait: null) with
        {
            ReadyAfterSeconds = Status.ReadyAfterSeconds ?? secondsSinceBoot,
        };
        if (isNews)
        {
            console.WriteLine(isFirst ? $"ready: {unit} after {secondsSinceBoot} s" : $"ready again: {unit}");
        }
    }

    private bool NoteEnds(UnitState state)
    {
        double now = Math.Round(MachineClock.UptimeSeconds(root), 1);
        (int times, string? cause) = _ends.See(state);
        ServiceEnd[] kept = [.. Status.Ends.Where(end => now - end.At < _remembered.TotalSeconds)];
        if (times == 0)
        {
            Status = kept.Length == Status.Ends.Count ? Status : Status with { Ends = kept };
            return false;
        }

        ServiceEnd[] ends = [.. kept, .. Enumerable.Repeat(new ServiceEnd(now, null), times - 1), new(now, cause)];
        Status = Status with { Ends = ends };
        bool isRound = BitOperations.IsPow2(ends.Length);
        if (ends.Length <= EndsSaidSingly || isRound || times > 1)
        {
            console.WriteLine(Describe(unit, ends));
        }

        return true;
    }

    /// <summary>"kubelet.service ended 2 times in 10 min: signal 9".</summary>
    public static string Describe(string unit, IReadOnlyList<ServiceEnd> ends) => string.Create(
        CultureInfo.InvariantCulture,
        $"{unit} ended{(ends.Count == 1 ? "" : $" {ends.Count} times in {_remembered.TotalMinutes:F0} min")}: "
            + $"{ends[^1].Cause ?? "the cause was not seen"}");
}
