namespace Images.Bootstrapper.Systemd;

/// <summary>systemd's opinion of the whole machine, as one line.</summary>
internal static class SystemState
{
    /// <summary>Waits until the boot has finished: <c>system: running, 0 failed units</c>, or the names of what failed.</summary>
    public static async Task<string> WaitAsync(CancellationToken cancellationToken)
    {
        CommandResult state = await CommandRunner.RunAsync("systemctl", ["is-system-running", "--wait"], cancellationToken);
        CommandResult failed = await CommandRunner.RunAsync("systemctl", ["list-units", "--failed", "--plain", "--no-legend", "--no-pager"], cancellationToken);
        return Describe(state.Output, failed.Output);
    }

    /// <param name="state">What <c>is-system-running</c> printed.</param>
    /// <param name="failed">What <c>list-units --failed --plain --no-legend</c> printed.</param>
    public static string Describe(string state, string failed)
    {
        string[] units = [.. failed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split(' ', 2)[0])];
        string names = units.Length == 0 ? "" : $": {string.Join(", ", units)}";
        return $"system: {(state.Length == 0 ? "unknown" : state)}, {units.Length} failed units{names}";
    }
}
