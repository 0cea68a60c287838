using System.Text;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>Reads the label of an ISO 9660 or FAT volume from its first sectors, without mounting anything.</summary>
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

    // Microsoft's FAT specification: BS_VolLab at 71 with BS_FilSysType "FAT32   " at 82, or at 43 with "FAT1…" at 54
    private static VolumeLabel? ReadFat(Stream volume)
    {
        byte[] sector = new byte[512];
        volume.Position = 0;
        if (volume.ReadAtLeast(sector, sector.Length, throwOnEndOfStream: false) < sector.Length || sector[510] != 0x55 || sector[511] != 0xAA)
        {
            return null;
        }

        if (sector.AsSpan(82).StartsWith("FAT32   "u8))
        {
            return new VolumeLabel("vfat", Text(sector.AsSpan(71, 11)));
        }

        return sector.AsSpan(54).StartsWith("FAT1"u8) || sector.AsSpan(54).StartsWith("FAT     "u8)
            ? new VolumeLabel("vfat", Text(sector.AsSpan(43, 11)))
            : null;
    }

    private static string Text(ReadOnlySpan<byte> padded) => Encoding.ASCII.GetString(padded).TrimEnd(' ', '\0');
}
