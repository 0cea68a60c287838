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
internal sealed partial class BootService(
    BootSequence sequence,
    Func<JoinInspection> inspect,
    NodeConsole console,
    SystemdNotifier systemd,
    IHostApplicationLifetime lifetime,
    ILogger<BootService> logger) : BackgroundService
{
    /// <summary>A unit that never gets up must not keep the role from starting for ever.</summary>
    private static readonly TimeSpan _patienceWithSystem = TimeSpan.FromMinutes(5);

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

    private async Task SaySystemStateAsync(CancellationToken cancellationToken) =>
        console.WriteLine(await SystemState.WaitAsync(cancellationToken));

    [LoggerMessage(Level = LogLevel.Error, Message = "the boot sequence ended: {Reason}")]
    private static partial void BootFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the boot sequence failed")]
    private static partial void BootCrashed(ILogger logger, Exception fault);
}
