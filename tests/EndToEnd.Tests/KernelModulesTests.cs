using Images.Formats.Gpt;
using Images.Lab.Machines;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>The kernel of the baked image, its module indexes against those that depmod makes of the same modules.</summary>
[Trait("Category", "Oracle")]
public sealed class KernelModulesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Kmod_resolves_every_module_of_the_image_as_with_depmods_own_indexes()
    {
        Unpack("ours");
        Unpack("theirs");
        string release = Path.GetFileName(Directory.GetDirectories(_folder["ours/usr/lib/modules"]).ShouldHaveSingleItem());
        Judge.Run("depmod", "-b", _folder["theirs"], "-a", release);

        // the answer to every alias and symbol lies in these trees, so equal trees give equal answers
        foreach (string index in new[] { "modules.alias.bin", "modules.symbols.bin", "modules.builtin.bin", "modules.builtin.alias.bin", "modules.softdep", "modules.devname" })
        {
            Read("ours", release, index).AsSpan().SequenceEqual(Read("theirs", release, index)).ShouldBeTrue($"{index} differs");
        }

        string[] modules = [.. File.ReadLines(IndexPath("theirs", release, "modules.dep")).Select(line => Path.GetFileName(line.Split(':')[0]).Split('.')[0])];
        modules.Length.ShouldBeGreaterThan(1000);
        foreach (string[] some in modules.Chunk(50))
        {
            // modules that do not depend on each other may be loaded in another order
            Insertions("ours", release, some).Order(StringComparer.Ordinal).ShouldBe(Insertions("theirs", release, some).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Every_module_of_the_image_stands_after_what_it_needs_when_modprobe_loads_it()
    {
        Unpack("ours");
        string release = Path.GetFileName(Directory.GetDirectories(_folder["ours/usr/lib/modules"]).ShouldHaveSingleItem());
        Dictionary<string, string[]> needs = File.ReadLines(IndexPath("ours", release, "modules.dep"))
            .Select(line => line.Split(':', 2))
            .ToDictionary(parts => parts[0], parts => parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
        foreach ((string module, string[] all) in needs)
        {
            // modprobe loads the list from its end
            for (int i = 0; i < all.Length; i++)
            {
                needs[all[i]].ShouldBeSubsetOf(all[(i + 1)..], module);
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    private void Unpack(string root)
    {
        using FileStream disk = File.OpenRead(BakedImage.RawDisk);
        ulong slot = GptReader.Read(disk, BakedImage.RawDisk).Entries.Single(entry => entry.Name == NodeDisk.RootA).FirstLba * GptLayout.LogicalBlockSize;
        Judge.Run("unsquashfs", "-quiet", "-no-progress", "-no-xattrs", "-offset", $"{slot}", "-dest", _folder[root], BakedImage.RawDisk, "usr/lib/modules");
        File.CreateSymbolicLink(_folder[root + "/lib"], "usr/lib");
    }

    private string IndexPath(string root, string release, string index) => _folder[$"{root}/usr/lib/modules/{release}/{index}"];

    private byte[] Read(string root, string release, string index) => File.ReadAllBytes(IndexPath(root, release, index));

    private string[] Insertions(string root, string release, string[] modules) =>
        Judge.Run("modprobe", ["-d", _folder[root], "-S", release, "--config", "/dev/null", "-a", "-D", .. modules])
            .Replace(_folder[root], "", StringComparison.Ordinal).Split('\n');
}
