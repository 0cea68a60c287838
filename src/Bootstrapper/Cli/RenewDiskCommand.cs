using System.Globalization;
using Images.Bootstrapper.Reporting;
using Images.Formats;
using Images.Formats.Gpt;
using Images.NodeConfig;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper renew-disk DEVICE SECTORS</c>: the identifiers that a baked image gives disk, ESP and state are the
/// same on all disks made of it, and on whatever a tenant writes to a volume; at the first boot they become random.
/// </summary>
internal static class RenewDiskCommand
{
    public static int Run(string device, string sectors)
    {
        Dictionary<Guid, Guid> renewed = new()
        {
            [NodeDisk.EspId] = Guid.NewGuid(),
            [NodeDisk.StateId] = Guid.NewGuid(),
        };
        try
        {
            using FileStream disk = new(
                device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            GptRenewal.Write(disk, ulong.Parse(sectors, CultureInfo.InvariantCulture), renewed, Guid.NewGuid(), device);
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is MalformedDataException or IOException)
        {
            throw new BootFailure(
                "NODE0108", device, $"its identifiers cannot be renewed ({FaultText.Of(e)})", "look at the disk");
        }
    }
}
