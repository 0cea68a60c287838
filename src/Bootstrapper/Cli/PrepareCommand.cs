using System.Runtime.InteropServices;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper prepare UNIT</c>: no host, since systemd starts one for each unit and each start costs.
/// </summary>
internal static class PrepareCommand
{
    public static async Task<int> RunAsync(string unit)
    {
        NodeConsole console = NodeConsole.ForMachine();
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        try
        {
            await new ServicePreparation(
                NodeRoot.Machine, console, new EtcdProgram(EtcdPaths.Program), CertificateLife.Usual,
                TimeProvider.System).RunAsync(unit, stop.Token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Failure; // the unit is being stopped
        }
        catch (Exception e) when (e is BootFailure or ConfigurationException)
        {
            // systemd tries the unit again, so this may stand there often
            console.WriteLine($"{unit}: {BootFailure.Describe(e)}");
            return ExitCodes.Failure;
        }
    }
}
