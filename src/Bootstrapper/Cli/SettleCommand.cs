using System.Globalization;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper settle UNIT</c>: waits, once the unit's program says that it is ready, until others may rely on it.
/// An etcd member that has just joined serves nobody before it has a vote.
/// </summary>
internal static class SettleCommand
{
    public static async Task<int> RunAsync(string unit)
    {
        NodeRoot root = NodeRoot.Machine;
        TimeProvider time = TimeProvider.System;
        if (unit == EtcdPaths.Unit)
        {
            using WaitReport report = new(unit, NodeConsole.ForMachine(), root, new SteadyClock(time));
            await EtcdNode.Vote(root, NodeState.Load(root), time).WaitAsync(
                IsRunning, fault => report.Waiting("a vote", fault), time, CancellationToken.None);
        }

        return ExitCodes.Done;
    }

    /// <summary>systemd waits for this program even where the other has ended meanwhile (systemd.exec(5)).</summary>
    private static bool IsRunning() =>
        !int.TryParse(Environment.GetEnvironmentVariable("MAINPID"), CultureInfo.InvariantCulture, out int process)
            || Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}"));
}
