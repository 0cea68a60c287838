using Images.Launcher.Hosts;
using Images.Launcher.Programs;

namespace Images.Baker.Clusters;

/// <summary>Stops a cluster, and removes one.</summary>
internal static class ClusterEnd
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    /// <summary>
    /// Powers the nodes off and ends the supervisor; the data stays. Nothing happens where none runs.
    /// </summary>
    public static async Task StopAsync(ClusterPlace place, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (place.FindSupervisor() is not { } process)
        {
            return;
        }

        await ControlClient.TryAskAsync(place, new ControlRequest { Command = ControlCommands.Down }, cancellationToken)
            .ConfigureAwait(false);
        long began = clock.GetTimestamp();
        while (ProcessView.Exists(process))
        {
            if (clock.GetElapsedTime(began) > _patience)
            {
                throw new BakeException(
                    "BAKE0953",
                    place.Name,
                    "its supervisor does not end.",
                    $"See {place.SupervisorLog}; 'kill -9 {process}' ends it and all nodes.");
            }

            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops it and removes everything of it, also what a killed supervisor left.</summary>
    public static async Task DeleteAsync(ClusterPlace place, TimeProvider clock, CancellationToken cancellationToken)
    {
        await StopAsync(place, clock, cancellationToken).ConfigureAwait(false);
        place.Paths.Delete(HostCheck.RequireIds());
    }
}
