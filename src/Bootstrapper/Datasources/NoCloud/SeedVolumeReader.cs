using Images.Bootstrapper.Systemd;
using Images.NodeConfig;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>
/// Mounts a seed volume read-only where nobody but root comes: a mounted FAT or ISO file system shows its files to
/// everybody, so a folder above the mount point keeps others out. The kernel loads the file system's modules by itself.
/// </summary>
internal static class SeedVolumeReader
{
    public const string PrivateFolder = NodePaths.RunFolder + "/media";
    public const string MountPoint = PrivateFolder + "/seed";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static async Task<DatasourceAnswer> MountAsync(
        SeedVolume volume, Func<string, DatasourceAnswer> read, CancellationToken cancellationToken)
    {
        string mountPoint = MakeMountPoint(NodeRoot.Machine);
        CommandResult mounted = await CommandRunner.RunAsync("mount", Arguments(volume, mountPoint), cancellationToken);
        if (!mounted.Succeeded)
        {
            return DatasourceAnswer.Unusable($"{volume.Device} ({volume.Label}) cannot be mounted ({mounted.Reason})");
        }

        try
        {
            return read(mountPoint);
        }
        finally
        {
            await CommandRunner.RunAsync("umount", [mountPoint], CancellationToken.None);
        }
    }

    /// <summary>
    /// The mount point, below a folder that is closed to others even if it was there before and open.
    /// </summary>
    public static string MakeMountPoint(NodeRoot root)
    {
        Directory.CreateDirectory(root[PrivateFolder], OwnerOnly);
        File.SetUnixFileMode(root[PrivateFolder], OwnerOnly);
        Directory.CreateDirectory(root[MountPoint], OwnerOnly);
        return root[MountPoint];
    }

    public static IReadOnlyList<string> Arguments(SeedVolume volume, string mountPoint) =>
        ["-t", volume.FileSystem, "-o", "ro,nosuid,nodev,noexec", volume.Device, mountPoint];
}
