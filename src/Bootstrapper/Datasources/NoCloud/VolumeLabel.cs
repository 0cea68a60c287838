using Images.Formats.Fat;
using Images.Formats.Iso9660;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>The label of an ISO 9660 or FAT volume, read without mounting anything.</summary>
internal sealed record VolumeLabel(string FileSystem, string Label)
{
    /// <summary>Null when the volume is neither.</summary>
    public static VolumeLabel? Read(Stream volume) =>
        Iso9660VolumeLabel.Read(volume) is { } disc ? new VolumeLabel("iso9660", disc)
        : FatVolumeLabel.Read(volume) is { } fat ? new VolumeLabel("vfat", fat)
        : null;
}
