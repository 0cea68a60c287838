using System.Text.Json;
using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>The image that the build left in artifacts/, and a folder for what the tests leave behind.</summary>
internal static class BakedImage
{
    private const int SectorBytes = 512;

    public static string Artifacts { get; } = Environment.GetEnvironmentVariable("IMAGES_ARTIFACTS") ?? Path.Combine(Checkout.Folder, "artifacts");

    /// <summary>Newest <c>node_*.raw</c> of artifacts/.</summary>
    public static string RawDisk { get; } = new DirectoryInfo(Artifacts).Exists
        ? new DirectoryInfo(Artifacts).GetFiles("node_*.raw").OrderByDescending(file => file.LastWriteTimeUtc).FirstOrDefault()?.FullName ?? Missing()
        : Missing();

    /// <summary>The published <c>baker.dll</c> that made it.</summary>
    public static string Baker => Path.Combine(Artifacts, "baker", "baker.dll");

    /// <summary>Consoles and disks of the machines of one test; kept until the next run.</summary>
    public static string RunFolder(string testName) => Directory.CreateDirectory(Path.Combine(Artifacts, "machines", testName)).FullName;

    /// <summary>Where a partition starts, in bytes; the same on every machine made from the image.</summary>
    public static long PartitionStart(string name) => Partition(name).StartBytes;

    /// <summary>Where a partition of the image lies.</summary>
    public static (long StartBytes, long SizeBytes) Partition(string name)
    {
        using JsonDocument table = JsonDocument.Parse(Judge.Run("sfdisk", "--json", RawDisk));
        JsonElement found = table.RootElement.GetProperty("partitiontable").GetProperty("partitions").EnumerateArray()
            .Single(partition => partition.GetProperty("name").GetString() == name);
        return (found.GetProperty("start").GetInt64() * SectorBytes, found.GetProperty("size").GetInt64() * SectorBytes);
    }

    private static string Missing() => throw new InvalidOperationException($"There is no image in {Artifacts}. Bake it first: ./build.sh");
}
