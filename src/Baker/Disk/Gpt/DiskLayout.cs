namespace Images.Baker.Disk.Gpt;

/// <summary>
/// Which partitions a disk of ours has and where. Type GUIDs are those of the UEFI and Discoverable Partitions
/// specifications; partition GUIDs are constants of the product, the first 16 bytes of
/// SHA-256("images partition NAME") as an RFC 9562 version 8 UUID.
/// </summary>
internal sealed record DiskLayout
{
    public const int LogicalBlockSize = 512;

    public const long Alignment = 1L << 20;

    public const string Esp = "esp";

    public const string Bios = "bios";

    public const string RootA = "root-a";

    public const string RootB = "root-b";

    public const string State = "state";

    public static readonly Guid EspType = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    public static readonly Guid BiosBootType = new("21686148-6449-6e6f-744e-656564454649");

    public static readonly Guid RootX64Type = new("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");

    public static readonly Guid LinuxGenericType = new("0fc63daf-8483-4772-8e79-3d69d8477de4");

    /// <summary>In the order in which they stand on the disk.</summary>
    public required IReadOnlyList<DiskPartition> Partitions { get; init; }

    /// <summary>Of the whole disk, both GPT copies included.</summary>
    public required long SizeBytes { get; init; }

    public DiskPartition this[string name] =>
        Partitions.FirstOrDefault(partition => partition.Name == name)
        ?? throw new ArgumentException($"The layout has no partition {name}.", nameof(name));

    /// <exception cref="BakeException">A size is not a positive multiple of 1 MiB.</exception>
    public static DiskLayout Create(DiskSizes sizes)
    {
        List<DiskPartition> partitions = [];
        long offset = Alignment; // the primary GPT lies in the first MiB
        Add(Esp, EspType, "1d83dce8-cc05-853a-87bf-0969e731350c", sizes.EspBytes, "sizes.esp");
        Add(Bios, BiosBootType, "6b6ee30e-f37b-8fa1-bece-a2d0089de262", DiskSizes.Mebibyte, "sizes.bios");
        Add(RootA, RootX64Type, "cf01c24a-57d7-8271-a11c-9a7ec8f20ca0", sizes.RootBytes, "sizes.root");
        Add(RootB, RootX64Type, "0dc680ce-b2db-8f18-a022-20f99f57d083", sizes.RootBytes, "sizes.root");
        Add(State, LinuxGenericType, "434f3c33-43b0-8200-82db-fd12b7a1ae66", sizes.StateBytes, "sizes.state");
        return new DiskLayout { Partitions = partitions, SizeBytes = offset + Alignment }; // one more MiB holds the backup GPT

        void Add(string name, Guid type, string guid, long sizeBytes, string key)
        {
            if (sizeBytes <= 0 || sizeBytes % Alignment != 0)
            {
                throw new BakeException(
                    "BAKE0531", key, $"{sizeBytes} bytes is no size for the partition {name}.", "Give a positive multiple of 1 MiB.");
            }

            partitions.Add(new DiskPartition
            {
                Name = name,
                TypeGuid = type,
                PartitionGuid = new Guid(guid),
                OffsetBytes = offset,
                SizeBytes = sizeBytes,
                SizeKey = key,
            });
            offset += sizeBytes;
        }
    }
}
