namespace Images.Baker.Disk.Gpt;

/// <summary>What image.yaml says under <c>sizes:</c>. All in bytes, multiples of 1 MiB.</summary>
internal sealed record DiskSizes
{
    public const long Mebibyte = 1L << 20;

    public long EspBytes { get; init; } = 512 * Mebibyte;

    /// <summary>Of each of the two root slots.</summary>
    public long RootBytes { get; init; } = 1024 * Mebibyte;

    /// <summary>A placeholder: the first boot grows state to the end of the disk it finds itself on.</summary>
    public long StateBytes { get; init; } = 16 * Mebibyte;
}
