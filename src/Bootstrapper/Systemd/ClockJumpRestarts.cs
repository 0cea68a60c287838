using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Systemd;

/// <summary>
/// Starts anew, once the clock was set forward, the services that say so in their role: they count the life of what
/// they hold by a clock that nobody sets, and would go on with tokens that have ended.
/// </summary>
/// <param name="state">The machine's roles.</param>
/// <param name="run">Starts a program.</param>
/// <param name="narrator">Told which services, or why not.</param>
internal sealed class ClockJumpRestarts(
    NodeState state, Func<string, IReadOnlyList<string>, CancellationToken, Task<CommandResult>> run,
    Narrator narrator)
{
    /// <summary>Tokens of an hour are renewed when a fifth of it, twelve minutes, is left.</summary>
    public static readonly TimeSpan Tolerated = TimeSpan.FromMinutes(10);

    /// <param name="jump">Positive where the clock was set forward.</param>
    public async Task RestartAsync(TimeSpan jump, CancellationToken cancellationToken)
    {
        string[] units = jump > Tolerated
            ? [.. state.Roles.SelectMany(role => role.Services)
                .Where(service => service.RestartOnClockJump)
                .Select(service => service.Unit)
                .Distinct(StringComparer.Ordinal)]
            : [];
        if (units.Length == 0)
        {
            return;
        }

        string names = string.Join(", ", units);
        // what does not run stays so
        CommandResult restart = await run("systemctl", ["try-restart", "--no-block", .. units], cancellationToken);
        narrator.Say(restart.Succeeded
            ? $"{names}: started anew, since the clock went forward"
            : $"{names}: the clock went forward and systemd does not start them anew ({restart.Reason}); "
                + $"run 'systemctl restart {string.Join(' ', units)}'");
    }
}
