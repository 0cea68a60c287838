using System.Globalization;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;

namespace Images.Bootstrapper.Upgrade;

/// <summary>
/// The slots of the disk that the running root came from: never found by a partition's label or identifier, for a
/// second disk of ours has the same ones.
/// </summary>
internal sealed class MachineSlots : IDisposable
{
    private const string Classes = "/sys/class/block";
    private const int Sector = 512;

    /// <summary>As much as the slot of a baked disk holds.</summary>
    private const long ContainerSlotBytes = 1L << 30;

    private readonly EspMount? _esp;

    private MachineSlots(EspMount? esp, UpgradeSlots slots)
    {
        _esp = esp;
        Slots = slots;
    }

    public UpgradeSlots Slots { get; }

    /// <summary>The partition that the running root is read from, as <c>vda3</c>; null where there is none.</summary>
    public static string? RootPartition(NodeRoot root)
    {
        string slaves = root["/sys/block/dm-0/slaves"];
        string[] names = Directory.Exists(slaves)
            ? [.. Directory.EnumerateFileSystemEntries(slaves).Select(path => Path.GetFileName(path))]
            : [];
        return names is [string partition] ? partition : null;
    }

    /// <summary>a or b; null where the machine has no slots.</summary>
    public static char? RunningSlot(NodeRoot root) => root.IsContainer ? ContainerBoot.Read(root)?.Slot
        : RootPartition(root) is { } partition
            ? LabelOf(root, partition) switch { "root-a" => 'a', "root-b" => 'b', _ => null }
            : null;

    /// <exception cref="BootFailure">The machine has no slots.</exception>
    /// <exception cref="IOException">The EFI system partition cannot be mounted.</exception>
    public static async Task<MachineSlots> OpenAsync(NodeRoot root, CancellationToken cancellationToken)
    {
        if (ContainerBoot.Read(root) is { } container)
        {
            return OfContainer(root, container.Slot);
        }

        if (RunningSlot(root) is not { } running || RootPartition(root) is not { } partition)
        {
            throw new BootFailure(
                "NODE0801", "this machine", "its root is in no slot of a disk of ours, so there is none to change to",
                "replace the machine by one that starts from a disk that baker has made");
        }

        string other = Sibling(root, partition, running == 'a' ? "root-b" : "root-a");
        string esp = "/dev/" + Sibling(root, partition, "esp");
        EspMount mount = EspMount.TryOpen(esp) ?? await ReleaseAndOpenAsync(esp, cancellationToken);
        return new MachineSlots(mount, new UpgradeSlots
        {
            EspFolder = mount.Folder,
            Running = running,
            RunningRoot = "/dev/" + partition,
            OtherRoot = "/dev/" + other,
            OtherBytes = long.Parse(ReadLine(root, $"{Classes}/{other}/size"), CultureInfo.InvariantCulture) * Sector,
            EspFreeBytes = new DriveInfo(mount.Folder + "/").AvailableFreeSpace,
        });
    }

    public void Dispose() => _esp?.Dispose();

    /// <summary>Files that whoever starts the container chooses from at its next start.</summary>
    private static MachineSlots OfContainer(NodeRoot root, char running)
    {
        string folder = root[NodePaths.ContainerSlots], esp = Path.Join(folder, "esp");
        string runs = Path.Join(folder, $"root-{running}");
        return new MachineSlots(esp: null, new UpgradeSlots
        {
            EspFolder = esp,
            Running = running,
            RunningRoot = File.Exists(runs) ? runs : null,
            OtherRoot = Path.Join(folder, running == 'a' ? "root-b" : "root-a"),
            OtherBytes = ContainerSlotBytes,
            EspFreeBytes = new DriveInfo(esp).AvailableFreeSpace,
        });
    }

    /// <summary>Somebody looked into /efi, where it is mounted to be read for a minute.</summary>
    private static async Task<EspMount> ReleaseAndOpenAsync(string device, CancellationToken cancellationToken)
    {
        await CommandRunner.RunAsync("systemctl", ["stop", "efi.mount"], cancellationToken);
        return EspMount.TryOpen(device)
            ?? throw new IOException($"{device} is in use; leave the folder /efi and try again");
    }

    private static string Sibling(NodeRoot root, string partition, string label)
    {
        string disk = Path.GetDirectoryName(RealPath(root, partition))!;
        return Directory.EnumerateDirectories(disk)
            .Select(path => Path.GetFileName(path))
            .FirstOrDefault(name => LabelOf(root, name) == label)
            ?? throw new BootFailure(
                "NODE0801", $"the disk {Path.GetFileName(disk)}", $"it has no partition named {label}",
                "replace the machine by one that starts from a disk that baker has made");
    }

    /// <summary>Below the disk's own folder.</summary>
    private static string RealPath(NodeRoot root, string partition)
    {
        string path = root[$"{Classes}/{partition}"];
        return new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
    }

    private static string? LabelOf(NodeRoot root, string partition)
    {
        string uevent = root[$"{Classes}/{partition}/uevent"];
        return !File.Exists(uevent) ? null : File.ReadLines(uevent)
            .Where(line => line.StartsWith("PARTNAME=", StringComparison.Ordinal))
            .Select(line => line["PARTNAME=".Length..])
            .FirstOrDefault();
    }

    private static string ReadLine(NodeRoot root, string path) => File.ReadAllText(root[path]).Trim();
}
