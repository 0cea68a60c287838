using Images.Bootstrapper.Systemd;
using Images.NodeConfig;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>Mounts a seed volume read-only in a private folder; the kernel loads the file system's modules by itself.</summary>
internal static class SeedVolumeReader
{
    private const string MountPoint = NodePaths.RunFolder + "/medium";

    public static async Task<DatasourceAnswer> MountAsync(SeedVolume volume, Func<string, DatasourceAnswer> read, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(MountPoint, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        CommandResult mounted = await CommandRunner.RunAsync(
            "mount", ["-t", volume.FileSystem, "-o", "ro,nosuid,nodev,noexec", volume.Device, MountPoint], cancellationToken);
        if (!mounted.Succeeded)
        {
            return DatasourceAnswer.Absent($"{volume.Device} cannot be mounted ({mounted.Reason})");
        }

        try
        {
            return read(MountPoint);
        }
        finally
        {
            await CommandRunner.RunAsync("umount", [MountPoint], CancellationToken.None);
        }
    }
}
