using Images.Baker.Layers;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Layers;

public sealed class LayerCacheTests
{
    private const long Time = 1_700_000_000;

    [Fact]
    public void A_layer_gives_back_the_tree_it_was_made_of()
    {
        using TemporaryFolder folder = new();
        LayerCache cache = new(folder["layers"], 2, notice => throw new InvalidOperationException(notice), TimeProvider.System);
        FileTree tree = Sample("a");
        using Layer layer = cache.GetOrAdd(LayerKey.Of(tree, PruneRules.None), "sample", builder => builder.AddTree(tree));
        layer.Entries.Keys.ShouldBe(tree.Nodes.Keys);
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            if (node is FileNode file)
            {
                FileNode stored = layer.Entries[path].ShouldBeOfType<FileNode>();
                (stored with { Content = file.Content }).ShouldBe(file);
                stored.Content.Digest.ShouldBe(file.Content.Digest);
                using Stream stream = stored.Content.OpenRead();
                byte[] bytes = new byte[stored.Content.Length];
                stream.ReadExactly(bytes);
                bytes.ShouldBe(tree.ReadFile(path.Value));
            }
            else
            {
                layer.Entries[path].ShouldBe(node);
            }
        }
    }

    [Fact]
    public void A_second_bake_finds_the_layer_and_builds_nothing()
    {
        using TemporaryFolder folder = new();
        LayerCache cache = new(folder["layers"], 2, notice => throw new InvalidOperationException(notice), TimeProvider.System);
        FileTree tree = Sample("a");
        cache.GetOrAdd(LayerKey.Of(tree, PruneRules.None), "sample", builder => builder.AddTree(tree)).Dispose();
        using Layer layer = cache.GetOrAdd(LayerKey.Of(tree, PruneRules.None), "sample", _ => throw new InvalidOperationException());
        layer.Entries.Count.ShouldBe(tree.Count);
        Directory.EnumerateFiles(folder["layers"]).Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void A_flipped_byte_is_noticed_and_the_layer_made_again(double place)
    {
        using TemporaryFolder folder = new();
        List<string> notices = [];
        LayerCache cache = new(folder["layers"], 2, notices.Add, TimeProvider.System);
        FileTree tree = Sample("a");
        LayerKey key = LayerKey.Of(tree, PruneRules.None);
        cache.GetOrAdd(key, "sample", builder => builder.AddTree(tree)).Dispose();
        string path = Directory.EnumerateFiles(folder["layers"]).Single();
        byte[] good = File.ReadAllBytes(path);
        byte[] bad = [.. good];
        bad[(int)(place * bad.Length)] ^= 1;
        File.WriteAllBytes(path, bad);

        cache.GetOrAdd(key, "sample", builder => builder.AddTree(tree)).Dispose();
        notices.ShouldHaveSingleItem().ShouldContain("sample is damaged");
        File.ReadAllBytes(path).ShouldBe(good);
    }

    [Fact]
    public void An_image_of_layers_is_judged_good_and_has_the_same_bytes_cold_and_warm()
    {
        using TemporaryFolder folder = new();
        byte[] cold = WriteFromLayers(folder["layers"]);
        byte[] warm = WriteFromLayers(folder["layers"]);
        warm.ShouldBe(cold);
        File.WriteAllBytes(folder["image"], cold);
        Judge.Run("unsquashfs", "-no-progress", "-d", folder["out"], folder["image"]);
        foreach (string top in new[] { "a", "b" })
        {
            FileTree tree = Sample(top);
            foreach (TreePath path in tree.Nodes.Where(pair => pair.Value is FileNode).Select(pair => pair.Key))
            {
                File.ReadAllBytes(Path.Combine(folder["out"], path.Value)).ShouldBe(tree.ReadFile(path.Value));
            }
        }

        File.Exists(Path.Combine(folder["out"], "a", "small-3")).ShouldBeTrue();
        File.Exists(Path.Combine(folder["out"], "own")).ShouldBeTrue();
    }

    private static byte[] WriteFromLayers(string folder)
    {
        LayerCache cache = new(folder, 2, notice => throw new InvalidOperationException(notice), TimeProvider.System);
        FileTreeBuilder merged = new(Time);
        List<Layer> layers = [];
        foreach (FileTree tree in new[] { Sample("a"), Sample("b") })
        {
            Layer layer = cache.GetOrAdd(LayerKey.Of(tree, PruneRules.None), "sample", builder => builder.AddTree(tree));
            layers.Add(layer);
            foreach ((TreePath path, TreeNode node) in layer.Entries)
            {
                merged.Set(path, node);
            }
        }

        merged.AddText("own", "written by the bake itself");
        using MemoryStream image = new();
        SquashFsWriter.Write(merged.Build(), new SquashFsOptions { TimeUnixSeconds = Time, WorkerCount = 2 }, image);
        layers.ForEach(layer => layer.Dispose());
        return image.ToArray();
    }

    private static FileTree Sample(string top)
    {
        FileTreeBuilder builder = new(Time);
        int seed = top[0];
        builder.AddFile($"{top}/big", new MemoryContent(SampleData.Letters((2 * SquashFsConstants.BlockSize) + 777, seed)), mode: 0x1ED, uid: 3);
        builder.AddFile($"{top}/block", new MemoryContent(SampleData.Letters(SquashFsConstants.BlockSize, seed + 1)));
        for (int i = 0; i < 20; i++)
        {
            builder.AddFile($"{top}/small-{i}", new MemoryContent(SampleData.Letters(1000 * i, i == 3 ? 3 : seed + i)));
        }

        builder.AddSymlink($"{top}/symlink", "big");
        builder.Set(TreePath.Parse($"{top}/a-link"), new HardLinkNode { Mode = 0, Target = TreePath.Parse($"{top}/big") });
        builder.AddDirectory($"{top}/empty", mode: 0x3FF, uid: 1, gid: 2);
        return builder.Build();
    }
}
