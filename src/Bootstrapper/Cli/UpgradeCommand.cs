using System.Text.Json;
using Images.Bootstrapper.Systemd;
using Images.Bootstrapper.Upgrade;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper upgrade - | FILE | URL</c>: writes an image into the slot that does not run and restarts into it;
/// <c>--stage</c> does the first half of it, <c>--arm</c> the second, <c>--look</c> says where that stands.
/// <c>bootstrapper rollback</c>: makes the image in the other slot the next to start.
/// </summary>
internal static class UpgradeCommand
{
    private const string Lock = NodePaths.RunFolder + "/upgrade.lock";

    public static async Task<int> RunAsync(NodeRoot root, TextWriter output, IReadOnlyList<string> arguments)
    {
        if (UpgradeArguments.Parse(arguments) is not { } wanted)
        {
            return Usage.Print(Console.Error);
        }

        using FileStream held = Begin(root);
        Upgrader upgrader = new(root, output, TimeProvider.System);
        string? armed = wanted.Armed ?? await StageAsync(root, upgrader, wanted);
        if (wanted.StageOnly && armed is not null)
        {
            output.WriteLine($"staged; 'bootstrapper upgrade --arm {armed}' tries it");
            return ExitCodes.Done;
        }

        return armed is not null && await upgrader.ArmAsync(armed, CancellationToken.None)
            ? await RestartAsync(output, wanted.Reboot)
            : ExitCodes.Done;
    }

    /// <summary>One JSON document: what runs, what is staged, what was given up.</summary>
    public static async Task<int> LookAsync(NodeRoot root, TextWriter output)
    {
        output.WriteLine(JsonSerializer.Serialize(
            await UpgradeLook.ReadAsync(root, CancellationToken.None), UpgradeLookJson.Default.UpgradeLook));
        return ExitCodes.Done;
    }

    /// <returns>The root hash of what is staged; null where it runs already.</returns>
    private static async Task<string?> StageAsync(NodeRoot root, Upgrader upgrader, UpgradeArguments wanted)
    {
        UpgradeKeys keys = UpgradeTrust.ReadKeys(root);
        using UpgradeSource source = UpgradeSource.Open(wanted.Place, wanted.Sha256, isSigned: keys.Any);
        return (await upgrader.StageAsync(source, keys, wanted.Again, CancellationToken.None))?.RootHash;
    }

    public static async Task<int> RollbackAsync(NodeRoot root, TextWriter output, bool reboot)
    {
        using FileStream held = Begin(root);
        using (MachineSlots machine = await MachineSlots.OpenAsync(root, CancellationToken.None))
        {
            Rollback.Run(root, machine.Slots, output);
        }

        return await RestartAsync(output, reboot);
    }

    private static FileStream Begin(NodeRoot root)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new UnauthorizedAccessException("What the machine starts is for root to change.");
        }

        try
        {
            Directory.CreateDirectory(root[NodePaths.RunFolder]);
            return new FileStream(root[Lock], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new BootFailure(
                "NODE0803", "this machine", "another upgrade or rollback runs", "wait for its end, or stop it");
        }
    }

    private static async Task<int> RestartAsync(TextWriter output, bool reboot)
    {
        if (!reboot)
        {
            output.WriteLine("Reboot when it suits: sudo systemctl reboot");
            return ExitCodes.Done;
        }

        output.WriteLine("restarting");
        output.Flush();
        CommandResult restart = await CommandRunner.RunAsync("systemctl", ["reboot"], CancellationToken.None);
        return restart.Succeeded ? ExitCodes.Done : throw new BootFailure(
            "NODE0811", "systemctl reboot", restart.Reason, "restart the machine by hand: the next boot is prepared");
    }
}
