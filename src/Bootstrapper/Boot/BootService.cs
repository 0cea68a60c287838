using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Images.Bootstrapper.Boot;

/// <summary>
/// Runs the boot sequence beside the wait for systemd and a look at the machine, and ends the program
/// when all are done.
/// </summary>
/// <param name="inspect">Made once the machine knows who it is.</param>
/// <param name="isOnTrial">Whether the image that runs may still be given up.</param>
/// <param name="lookBack">Says what became of the last upgrade.</param>
internal sealed partial class BootService(
    BootSequence sequence,
    Func<JoinInspection> inspect,
    Func<bool> isOnTrial,
    Func<CancellationToken, Task> lookBack,
    NodeConsole console,
    SystemdNotifier systemd,
    IHostApplicationLifetime lifetime,
    ILogger<BootService> logger) : BackgroundService
{
    /// <summary>A unit that never gets up must not keep the role from starting for ever.</summary>
    private static readonly TimeSpan _patienceWithSystem = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _pauseOnTrial = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            systemd.Ready("looking for metadata");
            Task system = SaySystemStateAsync(stoppingToken);
            await sequence.DecideAsync(stoppingToken);
            JoinInspection inspection = inspect();
            Task inspected = inspection.RunAsync(stoppingToken);
            await Task.WhenAny(system, Task.Delay(_patienceWithSystem, stoppingToken));
            stoppingToken.ThrowIfCancellationRequested();
            await TrialEndsAsync(stoppingToken);
            if (inspection.IsStrict)
            {
                await inspected;
            }

            await sequence.StartRolesAsync(stoppingToken);
            await Task.WhenAll(system, inspected);
        }
        catch (BootFailure e)
        {
            console.WriteLine(e.Message);
            sequence.Fail(e);
            BootFailed(logger, e.Message);
            Environment.ExitCode = ExitCodes.Failure;
        }
#pragma warning disable CA1031 // the host would end with 0 and systemd would take the machine's boot for done
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            console.WriteLine($"the boot sequence failed and is tried again: {FaultText.Of(e)}");
            BootCrashed(logger, e);
            Environment.ExitCode = ExitCodes.Bug;
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    /// <summary>
    /// Before an image is kept nothing of a role starts: what a newer program has made of its data the older one may
    /// not be able to read. An image that is not kept ends with a restart, for which systemd has its own deadlines.
    /// </summary>
    private async Task TrialEndsAsync(CancellationToken cancellationToken)
    {
        if (isOnTrial())
        {
            console.WriteLine("the roles wait until this image is kept");
        }

        while (isOnTrial())
        {
            await Task.Delay(_pauseOnTrial, cancellationToken);
        }
    }

    private async Task SaySystemStateAsync(CancellationToken cancellationToken)
    {
        console.WriteLine(await SystemState.WaitAsync(cancellationToken));
        await lookBack(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the boot sequence ended: {Reason}")]
    private static partial void BootFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the boot sequence failed")]
    private static partial void BootCrashed(ILogger logger, Exception fault);
}
