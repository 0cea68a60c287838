using System.Runtime.InteropServices;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Cli;

/// <summary><c>bootstrapper prepare UNIT</c>: no host, since systemd starts one for each unit and each start costs.</summary>
internal static class PrepareCommand
{
    public static async Task<int> RunAsync(string unit)
    {
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        try
        {
            await new ServicePreparation(NodeRoot.Machine, NodeConsole.ForMachine(), TimeProvider.System).RunAsync(unit, stop.Token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 1; // the unit is being stopped
        }
    }
}
