using System.Globalization;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper settle UNIT</c>: waits, once the unit's program says that it is ready, until others may rely on it.
/// An etcd member that has just joined serves nobody before it has a vote, and nobody reaches it before.
/// </summary>
internal static class SettleCommand
{
    public static async Task<int> RunAsync(string unit)
    {
        NodeRoot root = NodeRoot.Machine;
        TimeProvider time = TimeProvider.System;
        // who founded the cluster has had a vote from its beginning, and nobody waits for an answer about it
        if (unit == EtcdPaths.Unit && new EtcdRecordStore(root).Load() is not { Phase: EtcdPhase.Started })
        {
            NodeConsole console = NodeConsole.ForMachine();
            using WaitReport report = new(unit, console, root, new SteadyClock(time));
            await EtcdNode.Vote(root, NodeState.Load(root), time).WaitAsync(
                IsRunning, fault => report.Waiting("a vote", fault), time, CancellationToken.None);
            await new LearnerGate(root, new PacketFilter(CommandRunner.RunAsync), Narrator.For(root, console))
                .OpenAsync(CancellationToken.None);
        }

        return ExitCodes.Done;
    }

    /// <summary>systemd waits for this program even where the other has ended meanwhile (systemd.exec(5)).</summary>
    private static bool IsRunning() =>
        !int.TryParse(Environment.GetEnvironmentVariable("MAINPID"), CultureInfo.InvariantCulture, out int process)
            || Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}"));
}
