using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Health;

/// <summary>What a service's state is called, by what was seen of it just now.</summary>
internal static class ServiceStates
{
    /// <param name="report">What was seen.</param>
    /// <param name="before">What was known of it.</param>
    /// <param name="wait">What its preparation waits for; null for nothing.</param>
    public static ServiceStatus Of(HealthReport report, ServiceStatus before, UnitWait? wait)
    {
        bool hasRun = before.ReadyAfterSeconds is not null || report.State.ExitedAt > 0;
        string state = report.IsReady ? ServiceStatus.Ready
            : report.State.HasFailed ? ServiceStatus.Failed
            : report.State.IsStopping ? ServiceStatus.Stopping
            : report.State.IsInactive && hasRun ? ServiceStatus.Stopped
            : wait is not null ? ServiceStatus.Waiting
            : ServiceStatus.Starting;
        return before with
        {
            State = state,
            Detail = state == ServiceStatus.Waiting
                ? $"waiting for {wait!.What} since {wait.Since:HH:mm:ss}: {wait.LastSeen}"
                : report.Detail,
            Restarts = report.State.Active is null ? before.Restarts : report.State.Restarts,
        };
    }
}
