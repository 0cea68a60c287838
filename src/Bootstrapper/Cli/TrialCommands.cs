using Images.Bootstrapper.Files;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Upgrade;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// Of a boot that is counted. <c>bootstrapper image-health</c> fails where the image is not well, and systemd restarts
/// the machine. <c>bootstrapper bless</c> keeps the image: its entry counts no more.
/// </summary>
internal static class TrialCommands
{
    public static async Task<int> HealthAsync(NodeRoot root, NodeConsole console)
    {
        UpgradeMemory memory = UpgradeMemory.Read(root);
        IReadOnlyList<string> faults = await new ImageHealth(root, memory.Pending).LookAsync(CancellationToken.None);
        string version = ImageLook.Read(root).Version;
        if (faults.Count == 0)
        {
            console.WriteLine($"image {version} is well");
            return ExitCodes.Done;
        }

        string reason = $"NODE0814  image {version}: {string.Join("; ", faults)}";
        console.WriteLine($"{reason}; the machine restarts and tries again or goes back");
        if (memory.Pending is { } pending)
        {
            Remember(root, console, memory with { Pending = pending with { Fault = reason } });
        }

        return ExitCodes.Failure;
    }

    public static async Task<int> BlessAsync(NodeRoot root, NodeConsole console)
    {
        if (BootTrial.Counted(root) is not { } counted)
        {
            return ExitCodes.Done;
        }

        try
        {
            using MachineSlots machine = await MachineSlots.OpenAsync(root, CancellationToken.None);
            SlotEntries entries = new(machine.Slots.EspFolder, _ => { });
            if (entries.Has(counted))
            {
                entries.Rename(counted, BootEntries.Blessed(counted));
            }
        }
        catch (IOException e)
        {
            throw new BootFailure(
                "NODE0815", counted.FileName, $"the image is well and cannot be kept: {FaultText.Of(e).TrimEnd('.')}",
                "see the EFI system partition; the machine goes back to the image before");
        }

        UpgradeMemory memory = UpgradeMemory.Read(root);
        if (memory.Pending is not null)
        {
            Remember(root, console, memory.Kept());
        }

        AtomicFile.Write(root[NodePaths.Blessed], counted.FileName, AtomicFile.Public);
        console.WriteLine($"image {ImageLook.Read(root).Describe()} is kept");
        return ExitCodes.Done;
    }

    private static void Remember(NodeRoot root, NodeConsole console, UpgradeMemory memory)
    {
        try
        {
            memory.Write(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            console.WriteLine($"this cannot be remembered: {FaultText.Of(e)}");
        }
    }
}
