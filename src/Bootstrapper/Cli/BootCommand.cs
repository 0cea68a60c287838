using Images.Bootstrapper.Boot;
using Images.Bootstrapper.Datasources;
using Images.Bootstrapper.Datasources.NoCloud;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.Bootstrapper.Upgrade;
using Images.NodeConfig.Roles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Images.Bootstrapper.Cli;

/// <summary><c>bootstrapper boot</c>: find metadata, decide identity and role, start the role.</summary>
internal static class BootCommand
{
    public static Task<int> RunAsync() => HostedCommand.RunAsync(services =>
    {
        NodeConsole console = NodeConsole.ForMachine();
        SystemdNotifier systemd = SystemdNotifier.FromEnvironment();
        return new BootService(
            Sequence(NodeRoot.Machine, console, systemd),
            () => JoinInspection.For(NodeRoot.Machine, console, TimeProvider.System),
            () => BootTrial.IsOnTrial(NodeRoot.Machine),
            new UpgradeOutcome(NodeRoot.Machine, console, TimeProvider.System).LookAsync,
            console,
            systemd,
            services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<ILogger<BootService>>());
    });

    private static BootSequence Sequence(NodeRoot root, NodeConsole console, SystemdNotifier systemd)
    {
        CompiledRoles roles = NodeState.LoadRoles(root);
        WhyTrace trace = new(root);
        TimeProvider time = TimeProvider.System;
        return new BootSequence(
            root,
            roles,
            new IdentityStore(root),
            new MetadataSearch(
                root, DatasourceList.For(root, SeedVolumeReader.MountAsync, time), roles, console, trace, time),
            new NodeAddress(console, NodeAddress.OfDefaultRoute, InterfaceAddress.OfMachine, time),
            new MachineSettings(root, console, trace, LinuxHost.SetName),
            console,
            trace,
            systemd,
            time);
    }
}
