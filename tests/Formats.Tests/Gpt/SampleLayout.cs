using System.Text;
using Images.Formats.Gpt;

namespace Images.Formats.Tests.Gpt;

/// <summary>A disk of five partitions, as a node has them, of any size.</summary>
internal static class SampleLayout
{
    public static readonly Guid EspType = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    private static readonly Guid _biosBootType = new("21686148-6449-6e6f-744e-656564454649");
    private static readonly Guid _rootX64Type = new("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");
    private static readonly Guid _linuxType = new("0fc63daf-8483-4772-8e79-3d69d8477de4");

    public static GptLayout Of(
        long espBytes = 512 * GptLayout.Mebibyte, long rootBytes = 1024 * GptLayout.Mebibyte,
        long stateBytes = 16 * GptLayout.Mebibyte) =>
        GptLayout.Of(
            Partition("esp", EspType, espBytes, "sizes.esp"),
            Partition("bios", _biosBootType, GptLayout.Mebibyte, "sizes.bios"),
            Partition("root-a", _rootX64Type, rootBytes, "sizes.root"),
            Partition("root-b", _rootX64Type, rootBytes, "sizes.root"),
            Partition("state", _linuxType, stateBytes, "sizes.state"));

    private static GptPartition Partition(string name, Guid type, long sizeBytes, string setting) => new()
    {
        Name = name,
        TypeGuid = type,
        PartitionGuid = ContentGuid.From(Digest.Sha256(Encoding.ASCII.GetBytes(name))),
        SizeBytes = sizeBytes,
        SizeSetting = setting,
    };
}
