using System.Globalization;
using Images.NodeConfig;

namespace Images.Bootstrapper.Inspection;

/// <summary>How large the disk is that the machine's state is on.</summary>
internal static class StateDisk
{
    private const int SectorSize = 512; // of sysfs, whatever the disk's own is
    private const int Device = 2, MountPoint = 4;

    /// <summary>
    /// Of a container its file system, as the disk is the host's, and so where the file system is on no disk.
    /// Null where nobody says.
    /// </summary>
    public static long? Bytes(NodeRoot root)
    {
        try
        {
            return (root.IsContainer ? null : OfDisk(root))
                ?? new DriveInfo(root[NodePaths.StateFolder]).TotalSize;
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or ArgumentException or FormatException
                or OverflowException)
        {
            return null;
        }
    }

    /// <summary>proc_pid_mountinfo(5): the device of the deepest mount point above the folder.</summary>
    private static long? OfDisk(NodeRoot root)
    {
        string mounts = root["/proc/self/mountinfo"];
        string? device = File.Exists(mounts)
            ? File.ReadLines(mounts).Select(line => line.Split(' '))
                .Where(words => words.Length > MountPoint && IsAbove(words[MountPoint], NodePaths.StateFolder))
                .OrderBy(words => words[MountPoint].Length) // of two at one place the later one counts
                .LastOrDefault()?[Device]
            : null;
        DirectoryInfo link = new(root[$"/sys/dev/block/{device}"]);
        if (device is null || !link.Exists)
        {
            return null;
        }

        string folder = link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? link.FullName;
        string disk = File.Exists(Path.Join(folder, "partition")) ? Path.GetDirectoryName(folder)! : folder;
        return long.Parse(File.ReadAllText(Path.Join(disk, "size")), CultureInfo.InvariantCulture) * SectorSize;
    }

    private static bool IsAbove(string mountPoint, string folder) =>
        mountPoint == "/" || folder == mountPoint || folder.StartsWith(mountPoint + "/", StringComparison.Ordinal);
}
