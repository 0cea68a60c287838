using System.Globalization;
using System.Text;
using System.Text.Json;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>The baked image taken apart by foreign programs only: partitions by sfdisk and dd, the UKI by mtools, its sections by objcopy, the root by unsquashfs.</summary>
public sealed class UnpackedImage : IDisposable
{
    /// <summary>The collection of the tests that look at it; it is taken apart once.</summary>
    public const string Shared = "the image taken apart";

    private const int SectorBytes = 512;
    private const int Mebibyte = 1 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<string> _root;

    public UnpackedImage()
    {
        Cut("esp");
        Cut("root-a");
        Judge.Run("mcopy", "-i", this["esp"], "::EFI/images/a.efi", this["uki"]);
        Judge.Run("objcopy", "-O", "binary", "--dump-section", $".initrd={this["initrd"]}", this["uki"], "/dev/null");
        _root = new Lazy<string>(() =>
        {
            Judge.Run("unsquashfs", "-quiet", "-no-progress", "-d", this["root"], this["root-a"]);
            return this["root"];
        });
    }

    /// <summary>esp, root-a, uki, initrd, or a name for the test's own use.</summary>
    public string this[string name] => _folder[name];

    /// <summary>The folder that unsquashfs filled.</summary>
    public string Root => _root.Value;

    /// <summary>The parameters that /init gets: shell assignments in the last archive of the initrd.</summary>
    public IReadOnlyDictionary<string, string> VerityParameters()
    {
        string initrd = Encoding.Latin1.GetString(File.ReadAllBytes(this["initrd"]));
        string text = initrd[initrd.LastIndexOf("ROOT_HASH=", StringComparison.Ordinal)..];
        return text[..text.IndexOf('\0', StringComparison.Ordinal)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=')).ToDictionary(parts => parts[0], parts => parts[1]);
    }

    public void Dispose() => _folder.Dispose();

    private void Cut(string partition)
    {
        using JsonDocument table = JsonDocument.Parse(Judge.Run("sfdisk", "--json", BakedImage.RawDisk));
        JsonElement found = table.RootElement.GetProperty("partitiontable").GetProperty("partitions").EnumerateArray()
            .Single(candidate => candidate.GetProperty("name").GetString() == partition);
        Judge.Run(
            "dd", $"if={BakedImage.RawDisk}", $"of={this[partition]}", "bs=1M", "conv=sparse", "status=none",
            $"skip={InMebibytes(found, "start")}", $"count={InMebibytes(found, "size")}");
    }

    private static string InMebibytes(JsonElement partition, string property)
    {
        long bytes = partition.GetProperty(property).GetInt64() * SectorBytes;
        (bytes % Mebibyte).ShouldBe(0);
        return (bytes / Mebibyte).ToString(CultureInfo.InvariantCulture);
    }
}
