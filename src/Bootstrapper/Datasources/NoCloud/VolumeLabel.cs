using System.Text;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>Reads the label of an ISO 9660 or FAT volume without mounting anything.</summary>
internal sealed record VolumeLabel(string FileSystem, string Label)
{
    private const int IsoDescriptorOffset = 32768;
    private const int IsoDescriptorSize = 2048;

    /// <summary>Null when the volume is neither.</summary>
    public static VolumeLabel? Read(Stream volume) => ReadIso(volume) ?? ReadFat(volume);

    // ECMA-119 8.4: type 1, "CD001", volume identifier at 40, 32 bytes
    private static VolumeLabel? ReadIso(Stream volume)
    {
        byte[] descriptor = new byte[IsoDescriptorSize];
        volume.Position = IsoDescriptorOffset;
        return volume.ReadAtLeast(descriptor, descriptor.Length, throwOnEndOfStream: false) == descriptor.Length
            && descriptor[0] == 1 && descriptor.AsSpan(1).StartsWith("CD001"u8)
            ? new VolumeLabel("iso9660", Text(descriptor.AsSpan(40, 32)))
            : null;
    }

    private static VolumeLabel? ReadFat(Stream volume)
    {
        byte[] sector = new byte[FatLayout.SectorSize];
        volume.Position = 0;
        return volume.ReadAtLeast(sector, sector.Length, throwOnEndOfStream: false) == sector.Length
            && FatLayout.Read(sector) is { } layout
            ? new VolumeLabel("vfat", Text(FatRootLabel.Find(volume, layout) ?? layout.BootLabel))
            : null;
    }

    private static string Text(ReadOnlySpan<byte> padded) => Encoding.ASCII.GetString(padded).TrimEnd(' ', '\0');
}
