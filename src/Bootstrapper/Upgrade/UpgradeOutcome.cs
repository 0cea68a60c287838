using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>Whether the machine is back from an image that was given up; says so and remembers it.</summary>
internal sealed class UpgradeOutcome(NodeRoot root, NodeConsole console, TimeProvider time)
{
    /// <summary>systemd-pstore keeps there what the kernel left of a crash.</summary>
    private const string Crashes = "/var/lib/systemd/pstore";

    private const int MostLines = 5;

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        UpgradeMemory memory = UpgradeMemory.Read(root);
        if (memory.Pending is not { } pending || (root.IsContainer && ContainerBoot.Read(root) is null))
        {
            return;
        }

        try
        {
            if (await RunningRoot.HashAsync(root, cancellationToken) == pending.RootHash)
            {
                return; // it is on trial, or was kept a moment ago
            }

            using MachineSlots machine = await MachineSlots.OpenAsync(root, cancellationToken);
            Judge(memory, pending, new SlotEntries(machine.Slots.EspFolder, _ => { }).List()
                .Select(item => item.Entry)
                .FirstOrDefault(entry => entry.Number == pending.Number));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BootFailure)
        {
            console.WriteLine($"what became of the upgrade to {pending.Version} cannot be seen: {FaultText.Of(e)}");
        }
    }

    /// <param name="entry">As the loader has left it; null where there is none.</param>
    internal void Judge(UpgradeMemory memory, StagedImage pending, BootEntry? entry)
    {
        if (entry is null)
        {
            (memory with { Pending = null }).Write(root); // the power went before the last step
            console.WriteLine($"the upgrade to image {pending.Version} was cut short and has changed nothing");
        }
        else if (entry.IsBad)
        {
            FailedImage failed = new()
            {
                Version = pending.Version,
                RootHash = pending.RootHash,
                Tries = entry.TriesDone,
                At = time.GetUtcNow(),
                Reason = pending.Fault ?? "it left no reason, so it stopped before its health check or during it",
                LastLines = LastLines(pending.Since),
            };
            memory.GivenUp(failed).Write(root);
            console.WriteLine($"{failed}; the image before runs again");
            foreach (string line in failed.LastLines)
            {
                console.WriteLine($"  last words: {line}");
            }
        }
    }

    private IReadOnlyList<string> LastLines(DateTimeOffset since)
    {
        string folder = root[Crashes];
        FileInfo? newest = !Directory.Exists(folder) ? null : new DirectoryInfo(folder)
            .EnumerateFiles("dmesg*", SearchOption.AllDirectories)
            .Where(file => file.LastWriteTimeUtc >= since.UtcDateTime)
            .MaxBy(file => file.LastWriteTimeUtc);
        return newest is null ? [] : [.. File.ReadLines(newest.FullName).TakeLast(MostLines)];
    }
}
