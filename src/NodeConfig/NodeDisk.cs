namespace Images.NodeConfig;

/// <summary>
/// The five partitions of a node's disk. The bake makes them, <c>/init</c> and the node find them by these names and
/// types. Types are those of the UEFI and Discoverable Partitions specifications; identifiers are the first 16 bytes of
/// SHA-256("images partition NAME") as an RFC 9562 version 8 UUID.
/// </summary>
public static class NodeDisk
{
    public const string Esp = "esp";

    public const string Bios = "bios";

    public const string RootA = "root-a";

    public const string RootB = "root-b";

    public const string State = "state";

    public static readonly Guid EspType = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    public static readonly Guid BiosBootType = new("21686148-6449-6e6f-744e-656564454649");

    public static readonly Guid RootX64Type = new("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");

    public static readonly Guid LinuxGenericType = new("0fc63daf-8483-4772-8e79-3d69d8477de4");

    public static readonly Guid EspId = new("1d83dce8-cc05-853a-87bf-0969e731350c");

    public static readonly Guid BiosId = new("6b6ee30e-f37b-8fa1-bece-a2d0089de262");

    public static readonly Guid RootAId = new("cf01c24a-57d7-8271-a11c-9a7ec8f20ca0");

    public static readonly Guid RootBId = new("0dc680ce-b2db-8f18-a022-20f99f57d083");

    public static readonly Guid StateId = new("434f3c33-43b0-8200-82db-fd12b7a1ae66");
}
