using Images.Formats.Fat;
using Images.Formats.Iso9660;
using Images.Formats.Udf;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>The label of an ISO 9660, FAT or UDF volume, read without mounting anything.</summary>
internal sealed record VolumeLabel(string FileSystem, string Label)
{
    /// <summary>Known in order to be named: a seed is not read from it.</summary>
    public const string Udf = "udf";

    /// <summary>Null when the volume is none of them. Most UDF discs are ISO 9660 too, and that counts first.</summary>
    public static VolumeLabel? Read(Stream volume) =>
        Iso9660VolumeLabel.Read(volume) is { } disc ? new VolumeLabel("iso9660", disc)
        : FatVolumeLabel.Read(volume) is { } fat ? new VolumeLabel("vfat", fat)
        : UdfVolumeLabel.Read(volume) is { } udf ? new VolumeLabel(Udf, udf)
        : null;
}
