using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper release UNIT</c>: gives back the lease that the unit's process held when it ended, however that was.
/// </summary>
internal static class ReleaseCommand
{
    public static async Task<int> RunAsync(string unit)
    {
        NodeRoot root = NodeRoot.Machine;
        NodeState state = NodeState.Load(root);
        RoleService service = ServiceFiles.Find(state, unit).Service;
        Narrator narrator = Narrator.For(root, NodeConsole.ForMachine());
        await new LeaderRelease(
            new KubernetesNode(root, state, TimeProvider.System), state.Identity.Hostname, narrator,
            TimeProvider.System).RunAsync(service, CancellationToken.None);
        return ExitCodes.Done;
    }
}
