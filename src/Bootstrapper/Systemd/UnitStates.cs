using System.Globalization;

namespace Images.Bootstrapper.Systemd;

/// <summary>Asks systemd for units by systemctl, once for all of them.</summary>
internal static class UnitStates
{
    private const string Properties =
        "Id,ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,ExecMainExitTimestampMonotonic,NRestarts";

    /// <param name="run">Runs a program: its name and arguments.</param>
    /// <returns>One for each unit, in their order; without a state where systemd gave no answer.</returns>
    public static async Task<IReadOnlyList<UnitState>> AskAsync(
        Func<string, IReadOnlyList<string>, CancellationToken, Task<CommandResult>> run, IReadOnlyList<string> units,
        CancellationToken cancellationToken)
    {
        CommandResult result = await run(
            "systemctl", ["show", $"--property={Properties}", .. units], cancellationToken);
        string[] blocks = result.Output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        return result.Succeeded && blocks.Length == units.Count
            ? [.. units.Zip(blocks, Read)]
            : [.. units.Select(unit => new UnitState { Unit = unit })];
    }

    private static UnitState Read(string unit, string block)
    {
        Dictionary<string, string> said = new(StringComparer.Ordinal);
        foreach (string line in block.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                said[line[..equals]] = line[(equals + 1)..];
            }
        }

        return new UnitState
        {
            Unit = unit,
            Active = said.GetValueOrDefault("ActiveState"),
            Sub = said.GetValueOrDefault("SubState", ""),
            Result = said.GetValueOrDefault("Result", UnitState.Success),
            ExitCode = (int)Number("ExecMainCode"),
            ExitStatus = (int)Number("ExecMainStatus"),
            ExitedAt = Number("ExecMainExitTimestampMonotonic"),
            Restarts = (int)Number("NRestarts"),
        };

        long Number(string key) =>
            long.TryParse(said.GetValueOrDefault(key), CultureInfo.InvariantCulture, out long number) ? number : 0;
    }
}
