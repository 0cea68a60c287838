using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Kubernetes.Draining;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper drain</c>: a worker's pods end before it stops. Where only its unit ends, they stay.
/// </summary>
internal static class DrainCommand
{
    private const string Stopping = "stopping";

    public static async Task<int> RunAsync()
    {
        NodeRoot root = NodeRoot.Machine;
        CommandResult system = await CommandRunner.RunAsync(
            "systemctl", ["is-system-running"], CancellationToken.None);
        if (system.Output == Stopping)
        {
            KubernetesNode node = new(root, NodeState.Load(root), TimeProvider.System);
            await new NodeDrain(
                node.Name, node.ConnectAsWorker, Narrator.For(root, NodeConsole.ForMachine()), TimeProvider.System)
                .RunAsync(CancellationToken.None);
        }

        return ExitCodes.Done;
    }
}
