using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper reset --yes</c>: stops the role's units and removes identity, certificates and the role's data, so
/// that the next boot decides anew. Without <c>--yes</c> it only says so.
/// </summary>
internal static class ResetCommand
{
    public static async Task<int> RunAsync(NodeRoot root, TextWriter output, bool confirmed)
    {
        CompiledRoles roles = NodeState.LoadRoles(root);
        NodeIdentity? identity = LoadIfReadable(root);
        RoleDefinition[] own = [.. roles.Roles.Where(
            role => identity is null || identity.Roles.Contains(role.Role, StringComparer.Ordinal))];
        string[] units =
            [.. own.SelectMany(role => role.Services).Select(service => service.Unit).Distinct(StringComparer.Ordinal)];
        string data = string.Join(", ", own.SelectMany(role => role.Data).Prepend(NodeConfig.NodePaths.StateFolder));
        if (!confirmed)
        {
            output.WriteLine(
                $"This stops {string.Join(", ", units)} and empties {data}. "
                    + "Data that no other machine has is lost. Add --yes to do it.");
            SayWhatWasSetAside(root, roles, output);
            return ExitCodes.Usage;
        }

        if (root.IsMachine && !Environment.IsPrivilegedProcess)
        {
            throw new UnauthorizedAccessException("What a reset empties belongs to root.");
        }

        ServiceGates.CloseAll(root);
        if (root.IsMachine)
        {
            CommandResult stopped = await CommandRunner.RunAsync(
                "systemctl", ["stop", "bootstrapper-agent.service", "roles.target", .. units], CancellationToken.None);
            if (!stopped.Succeeded)
            {
                throw new BootFailure(
                    "NODE0602", "systemctl stop", stopped.Reason, "stop the units by hand and try again");
            }
        }

        bool isClone = MachineFingerprint.Read(root).DifferenceFrom(
            new IdentityStore(root).LoadMemory().Machine ?? new MachineFingerprint()) is not null;
        new RoleData(root, roles).Remove(identity);
        if (isClone)
        {
            File.Delete(root[MachineId.Kept]); // the initramfs makes another: the original has this one
        }

        output.WriteLine($"Emptied {data}. Reboot: the machine then decides anew from its metadata.");
        SayWhatWasSetAside(root, roles, output);
        return ExitCodes.Done;
    }

    /// <summary>
    /// A new instance-id with another role moves data away instead of removing it; nothing else on the
    /// machine says where to.
    /// </summary>
    private static void SayWhatWasSetAside(NodeRoot root, CompiledRoles roles, TextWriter output)
    {
        foreach ((string folder, string identity) in new RoleData(root, roles).FindSetAside())
        {
            output.WriteLine($"{folder} keeps what an earlier identity left ({identity}); a reset does not touch it.");
        }
    }

    private static NodeIdentity? LoadIfReadable(NodeRoot root)
    {
        try
        {
            return new IdentityStore(root).LoadIdentity();
        }
        catch (BootFailure)
        {
            return null; // a broken identity is one of the reasons for a reset
        }
    }
}
