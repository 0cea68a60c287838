using System.Text.Json;
using Images.Bootstrapper.Health;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Agent;

/// <summary>
/// Follows one unit of the machine's roles and says on the console when it turns ready or stops being so.
/// </summary>
internal sealed class ServiceWatch(string unit, NodeRoot root, NodeConsole console)
{
    /// <summary>One missed answer of a busy machine is no news.</summary>
    private const int MissesUntilSaid = 3;

    private int _misses;

    public ServiceStatus Status { get; private set; } = new() { Unit = unit, State = ServiceStatus.Starting };

    /// <summary>Takes over what an agent before a restart had seen, so that nothing is said twice.</summary>
    public void Resume(ServiceStatus? earlier) => Status = earlier ?? Status;

    /// <param name="report">What was seen just now.</param>
    /// <param name="secondsSinceBoot">Since the boot sequence began.</param>
    public void See(HealthReport report, int secondsSinceBoot)
    {
        if (report.IsReady)
        {
            _misses = 0;
            if (Status.State != ServiceStatus.Ready)
            {
                console.WriteLine(Status.ReadyAfterSeconds is null
                    ? $"ready: {unit} after {secondsSinceBoot} s"
                    : $"ready again: {unit}");
            }

            Status = Status with
            {
                State = ServiceStatus.Ready,
                Detail = report.Detail,
                ReadyAfterSeconds = Status.ReadyAfterSeconds ?? secondsSinceBoot,
            };
            return;
        }

        if (Status.State == ServiceStatus.Ready)
        {
            if (++_misses < MissesUntilSaid)
            {
                return;
            }

            console.WriteLine($"not ready any more: {unit}: {report.Detail}");
        }

        UnitWait? wait = ReadWait();
        Status = Status with
        {
            State = report.HasFailed ? ServiceStatus.Failed
                : wait is null ? ServiceStatus.Starting
                : ServiceStatus.Waiting,
            Detail = wait is null
                ? report.Detail
                : $"waiting for {wait.What} since {wait.Since:HH:mm:ss}: {wait.LastSeen}",
        };
    }

    private UnitWait? ReadWait()
    {
        string path = root[$"{NodePaths.Waits}/{unit}.json"];
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ReportJson.Default.UnitWait)
                : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // removed or being written just now
        }
    }
}
