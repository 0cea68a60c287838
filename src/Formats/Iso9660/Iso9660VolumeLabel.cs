using System.Text;

namespace Images.Formats.Iso9660;

/// <summary>The label of a disc that anybody made.</summary>
internal static class Iso9660VolumeLabel
{
    /// <summary>The first sixteen sectors are for boot code (ECMA-119 6.2.1).</summary>
    private const int FirstDescriptor = 16 * Iso9660VolumeDescriptor.Size;

    /// <summary>Null when the stream does not hold ISO 9660.</summary>
    public static string? Read(Stream volume)
    {
        byte[] sector = new byte[Iso9660VolumeDescriptor.Size];
        volume.Position = FirstDescriptor;
        return volume.ReadAtLeast(sector, sector.Length, throwOnEndOfStream: false) == sector.Length
            && Iso9660VolumeDescriptor.IsPrimary(sector)
            ? Encoding.ASCII.GetString(Iso9660VolumeDescriptor.Label(sector)).TrimEnd(' ', '\0')
            : null;
    }
}
