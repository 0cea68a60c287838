using System.Text;
using System.Text.RegularExpressions;

namespace Images.Bootstrapper.Machine;

/// <summary>
/// Where a block device is: its place on the machine's buses and its serial number. Names such as <c>sr0</c> change
/// with the order in which drivers find devices, and so do the numbers of hosts in sysfs: none of them is part of it.
/// </summary>
internal static partial class BlockDevicePlace
{
    private const string Devices = "/devices/";

    private static readonly string[] _serialFiles = ["serial", "wwid", "device/wwid", "device/serial"];

    /// <param name="root">The machine.</param>
    /// <param name="name">As the kernel calls it, of a disk or a partition.</param>
    public static string Of(NodeRoot root, string name)
    {
        string folder = Target(root, name);
        string? partition = ReadLine(Path.Join(folder, "partition"));
        string disk = partition is null ? folder : Path.GetDirectoryName(folder)!;
        int start = disk.IndexOf(Devices, StringComparison.Ordinal);
        string bus = start < 0 ? name : Bus(disk, start);
        string? serial = _serialFiles
            .Select(file => ReadLine(Path.Join(disk, file)))
            .FirstOrDefault(text => text is not null);
        return bus
            + (serial is null ? "" : $", serial {serial}")
            + (partition is null ? "" : $", partition {partition}");
    }

    /// <summary>Whether what is on it comes over the network: volumes of pods do, seeds do not.</summary>
    public static bool IsOverNetwork(NodeRoot root, string name) =>
        name.StartsWith("nbd", StringComparison.Ordinal) || name.StartsWith("rbd", StringComparison.Ordinal)
        || NetworkPart().IsMatch(Target(root, name));

    private static string Target(NodeRoot root, string name)
    {
        DirectoryInfo link = new(root["/sys/class/block/" + name]);
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? link.FullName;
        }
        catch (IOException)
        {
            return link.FullName; // a device that has gone
        }
    }

    private static string Bus(string disk, int start)
    {
        StringBuilder place = new();
        string path = disk[..(start + Devices.Length - 1)];
        string[] parts = disk[(start + Devices.Length)..].Split('/');
        foreach (string part in parts[..^1]) // the last one is the device's own name
        {
            path = $"{path}/{part}";
            string? kept = Kept(part, path);
            if (kept is not null)
            {
                place.Append(place.Length == 0 ? "" : "/").Append(kept);
            }
        }

        return place.Length == 0 ? parts[^1] : place.ToString();
    }

    private static string? Kept(string part, string path) =>
        Numbered().IsMatch(part) ? null
        : AtaPort().IsMatch(part) ? ReadLine($"{path}/ata_port/{part}/port_no") is { } port ? $"ata-{port}" : null
        : ScsiAddress().Match(part) is { Success: true } scsi ? scsi.Groups[1].Value
        : UsbPort().Match(part) is { Success: true } usb ? $"usb-{usb.Groups[1].Value}"
        : part;

    private static string? ReadLine(string path)
    {
        try
        {
            string text = File.Exists(path) ? File.ReadAllText(path).Trim('\0', ' ', '\n', '\t') : "";
            return text.Length == 0 ? null : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^(host\d+|target[\d:]+|virtio\d+|block|nvme\d*|usb\d+|port-[\d:]+|end_device-[\d:]+)$")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"^ata\d+$")]
    private static partial Regex AtaPort();

    [GeneratedRegex(@"^\d+:(\d+:\d+:\d+)$")]
    private static partial Regex ScsiAddress();

    [GeneratedRegex(@"^\d+-([\d.]+(:[\d.]+)?)$")]
    private static partial Regex UsbPort();

    [GeneratedRegex(@"/session\d+/|/nvme-fabrics/|/rbd/")]
    private static partial Regex NetworkPart();
}
