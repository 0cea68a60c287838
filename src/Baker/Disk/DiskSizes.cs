using Images.Formats.Gpt;
using Images.NodeConfig;

namespace Images.Baker.Disk;

/// <summary>What image.yaml says under <c>sizes:</c>. All in bytes, multiples of 1 MiB.</summary>
internal sealed record DiskSizes
{
    public long EspBytes { get; init; } = 512 * GptLayout.Mebibyte;

    /// <summary>Of each of the two root slots.</summary>
    public long RootBytes { get; init; } = 1024 * GptLayout.Mebibyte;

    /// <summary>A placeholder: the first boot grows state to the end of the disk it finds itself on.</summary>
    public long StateBytes { get; init; } = 16 * GptLayout.Mebibyte;

    /// <summary>The disk of a node with these sizes.</summary>
    /// <exception cref="Formats.ContentException">A size is not a positive multiple of 1 MiB.</exception>
    public GptLayout ToLayout() => GptLayout.Of(
        Partition(NodeDisk.Esp, NodeDisk.EspType, NodeDisk.EspId, EspBytes, "sizes.esp"),
        Partition(NodeDisk.Bios, NodeDisk.BiosBootType, NodeDisk.BiosId, GptLayout.Mebibyte, "sizes.bios"),
        Partition(NodeDisk.RootA, NodeDisk.RootX64Type, NodeDisk.RootAId, RootBytes, "sizes.root"),
        Partition(NodeDisk.RootB, NodeDisk.RootX64Type, NodeDisk.RootBId, RootBytes, "sizes.root"),
        Partition(NodeDisk.State, NodeDisk.LinuxGenericType, NodeDisk.StateId, StateBytes, "sizes.state"));

    private static GptPartition Partition(string name, Guid type, Guid id, long sizeBytes, string key) => new()
    {
        Name = name,
        TypeGuid = type,
        PartitionGuid = id,
        SizeBytes = sizeBytes,
        SizeSetting = $"{key} in image.yaml",
    };
}
