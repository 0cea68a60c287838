namespace Images.Bootstrapper.Systemd;

/// <summary>systemd's opinion of the whole machine, as one line.</summary>
internal static class SystemState
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Waits until the boot has finished: <c>system: running, 0 failed units</c>, or the names of what failed.
    /// </summary>
    public static async Task<string> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            CommandResult state = await CommandRunner.RunAsync(
                "systemctl", ["is-system-running", "--wait"], cancellationToken);
            if (IsFinal(state.Output))
            {
                CommandResult failed = await CommandRunner.RunAsync(
                    "systemctl", ["list-units", "--failed", "--plain", "--no-legend", "--no-pager"], cancellationToken);
                return Describe(state.Output, failed.Output);
            }

            await Task.Delay(_pause, cancellationToken); // asked before systemd's bus was there to wait on
        }
    }

    /// <summary>Whether the boot is over, as systemctl(1) lists the states.</summary>
    public static bool IsFinal(string state) => state is "running" or "degraded" or "maintenance" or "stopping";

    /// <param name="state">What <c>is-system-running</c> printed.</param>
    /// <param name="failed">What <c>list-units --failed --plain --no-legend</c> printed.</param>
    public static string Describe(string state, string failed)
    {
        string[] units = [.. failed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' ', 2)[0])];
        string names = units.Length == 0 ? "" : $": {string.Join(", ", units)}";
        return $"system: {state}, {units.Length} failed units{names}";
    }
}
