using System.Formats.Tar;
using Images.Baker.Layers;
using Images.Baker.Tests.Cli;
using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Layers;

public sealed class LayerBuilderTests
{
    private const long Time = 1_700_000_000;

    [Fact]
    public void A_hard_link_whose_target_was_pruned_becomes_the_file()
    {
        using TemporaryFolder folder = new();
        byte[] tar = Tar(
            Entry(TarEntryType.Directory, "./usr/"),
            Entry(TarEntryType.RegularFile, "./usr/pruned", SampleData.Letters(200_000, 1)),
            Link("./usr/z-name", "./usr/pruned"),
            Link("./usr/a-name", "usr/z-name"),
            Link("./usr/pruned-name", "./usr/pruned"));
        using Layer layer = Make(folder, tar, "drop usr/pruned*");
        layer.Entries.Keys.Select(path => path.Value).ShouldBe(["usr", "usr/a-name", "usr/z-name"]);
        layer.Entries[TreePath.Parse("usr/a-name")].ShouldBeOfType<FileNode>().Mode.ShouldBe(0x1A4);
        layer.Entries[TreePath.Parse("usr/z-name")].ShouldBeOfType<HardLinkNode>().Target.Value.ShouldBe("usr/a-name");
        Merge(layer).ReadFile("usr/a-name").ShouldBe(SampleData.Letters(200_000, 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("drop replaced")]
    [InlineData("drop replaced,drop a-name")]
    [InlineData("drop m-name,drop z-name")]
    public void A_hard_link_keeps_the_file_whose_name_a_later_entry_takes_as_under_tar_and_dpkg(string rules)
    {
        using TemporaryFolder folder = new();
        byte[] tar = Tar(
            Entry(TarEntryType.RegularFile, "replaced", SampleData.Letters(200_000, 1)),
            Link("z-name", "replaced"),
            Link("a-name", "z-name"),
            Entry(TarEntryType.RegularFile, "replaced", SampleData.Letters(150_000, 2)),
            Link("m-name", "replaced"),
            Entry(TarEntryType.SymbolicLink, "gone", link: "elsewhere"),
            Entry(TarEntryType.RegularFile, "gone", "short"u8.ToArray()),
            Link("left", "gone"),
            Entry(TarEntryType.SymbolicLink, "gone", link: "elsewhere"));
        using Layer layer = Make(folder, tar, rules.Split(',', StringSplitOptions.RemoveEmptyEntries));
        FileTree tree = Merge(layer);
        foreach (string tool in (string[])["tar", "dpkg-deb"])
        {
            string unpacked = folder[$"by-{tool}"];
            Directory.CreateDirectory(unpacked);
            if (tool == "tar")
            {
                File.WriteAllBytes(folder["data.tar"], tar);
                Judge.Run("tar", "-xf", folder["data.tar"], "-C", unpacked);
            }
            else
            {
                File.WriteAllBytes(folder["a.deb"], SampleDeb.Of("Package: a\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: a\n", "data.tar.gz", SampleDeb.Gzip(tar)));
                Judge.Run("dpkg-deb", "-x", folder["a.deb"], unpacked);
            }

            foreach ((TreePath path, TreeNode node) in tree.Nodes.Where(pair => pair.Value is not DirectoryNode))
            {
                string theirs = Path.Combine(unpacked, path.Value);
                if (node is SymlinkNode link)
                {
                    new FileInfo(theirs).LinkTarget.ShouldBe(link.Target);
                }
                else
                {
                    ReadThrough(tree, path).ShouldBe(File.ReadAllBytes(theirs), $"{tool} {path}");
                }
            }
        }

        string[] dropped = [.. rules.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(rule => rule["drop ".Length..])];
        tree.Nodes.Keys.Select(path => path.Value).Where(path => path.Length > 0).ShouldBe(new[] { "a-name", "gone", "left", "m-name", "replaced", "z-name" }.Except(dropped));
    }

    [Fact]
    public void A_tars_modes_owners_times_links_and_devices_reach_the_layer()
    {
        using TemporaryFolder folder = new();
        PaxTarEntry device = new(TarEntryType.CharacterDevice, "dev/console") { DeviceMajor = 5, DeviceMinor = 1, ModificationTime = DateTimeOffset.FromUnixTimeSeconds(77) };
        PaxTarEntry symlink = new(TarEntryType.SymbolicLink, "bin") { LinkName = "usr/bin", ModificationTime = DateTimeOffset.FromUnixTimeSeconds(78) };
        TarEntry file = Entry(TarEntryType.RegularFile, "usr/bin/sudo", "elf"u8.ToArray());
        (file.Uid, file.Gid, file.Mode) = (1, 2, (UnixFileMode)0x9ED);
        using Layer layer = Make(folder, Tar(device, symlink, file));
        layer.Entries[TreePath.Parse("dev/console")].ShouldBe(new DeviceNode { Mode = 0x1A4, Kind = DeviceKind.Character, Major = 5, Minor = 1, ModifiedUnixSeconds = 77 });
        layer.Entries[TreePath.Parse("bin")].ShouldBe(new SymlinkNode { Mode = 0x1FF, Target = "usr/bin", ModifiedUnixSeconds = 78 });
        FileNode sudo = layer.Entries[TreePath.Parse("usr/bin/sudo")].ShouldBeOfType<FileNode>();
        (sudo.Mode, sudo.Uid, sudo.Gid, sudo.ModifiedUnixSeconds).ShouldBe((0x9ED, 1, 2, Time));
    }

    [Fact]
    public void A_dropped_directory_stands_where_something_below_is_kept()
    {
        using TemporaryFolder folder = new();
        TarEntry restricted = Entry(TarEntryType.Directory, "usr/share/doc/bash");
        restricted.Mode = (UnixFileMode)0x1C0;
        byte[] tar = Tar(
            Entry(TarEntryType.Directory, "usr/share/doc"),
            restricted,
            Entry(TarEntryType.RegularFile, "usr/share/doc/bash/copyright", [1]),
            Entry(TarEntryType.Directory, "usr/share/doc/empty"),
            Entry(TarEntryType.RegularFile, "usr/share/doc/empty/README", [1]));
        using Layer layer = Make(folder, tar, "drop usr/share/doc", "keep usr/share/doc/*/copyright");
        layer.Entries.Keys.Select(path => path.Value).ShouldBe(["usr/share/doc", "usr/share/doc/bash", "usr/share/doc/bash/copyright"]);
        layer.Entries[TreePath.Parse("usr/share/doc/bash")].Mode.ShouldBe(0x1C0);
    }

    [Fact]
    public void Only_fragment_blocks_that_a_surviving_file_uses_reach_the_image()
    {
        using TemporaryFolder folder = new();
        FileTreeBuilder builder = new(Time);
        for (int i = 0; i < 30; i++)
        {
            builder.AddFile($"f{i:d2}", new MemoryContent(SampleData.Letters(50_000, i)));
        }

        FileTree whole = builder.Build();
        LayerCache cache = new(folder["layers"], 2, notice => throw new InvalidOperationException(notice), TimeProvider.System);
        using Layer layer = cache.GetOrAdd(LayerKey.Of(whole, PruneRules.None), "files", target => target.AddTree(whole));
        FileTreeBuilder part = new(Time);
        part.Set(TreePath.Parse("f00"), layer.Entries[TreePath.Parse("f00")]);
        part.Set(TreePath.Parse("f29"), layer.Entries[TreePath.Parse("f29")]);
        using MemoryStream stream = new();
        SquashFsWriteResult result = SquashFsWriter.Write(part.Build(), new SquashFsOptions { TimeUnixSeconds = 0 }, stream);
        result.FragmentCount.ShouldBe(2);
        result.CopiedBytes.ShouldBeLessThan(200_000);
        stream.Position = 0;
        SquashFsReader.Read(stream, "image").Tree.ReadFile("f29").ShouldBe(SampleData.Letters(50_000, 29));
    }

    [Theory]
    [InlineData("usr/../../etc/passwd", "refused")]
    [InlineData("ok", "a Fifo")]
    [InlineData("link", "no earlier file")]
    public void What_an_image_cannot_hold_is_refused_by_name_and_leaves_nothing_behind(string path, string problem)
    {
        using TemporaryFolder folder = new();
        TarEntry entry = path switch
        {
            "ok" => Entry(TarEntryType.Fifo, path),
            "link" => Link(path, "nowhere"),
            _ => Entry(TarEntryType.RegularFile, path, [1]),
        };
        byte[] tar = Tar(Entry(TarEntryType.RegularFile, "first", SampleData.Letters(300_000, 1)), entry);
        Should.Throw<MalformedDataException>(() => Make(folder, tar)).Message.ShouldContain(problem);
        Directory.EnumerateFileSystemEntries(folder["layers"]).ShouldBeEmpty();
    }

    [Fact]
    public void Two_bakes_may_make_one_layer_at_once()
    {
        using TemporaryFolder folder = new();
        byte[] tar = Tar(Entry(TarEntryType.RegularFile, "file", SampleData.Letters(700_000, 1)));
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            using Layer layer = Make(folder, tar);
            Merge(layer).ReadFile("file").ShouldBe(SampleData.Letters(700_000, 1));
        });
        Directory.EnumerateFiles(folder["layers"]).Count().ShouldBe(1);
    }

    private static Layer Make(TemporaryFolder folder, byte[] tar, params string[] rules)
    {
        LayerCache cache = new(folder["layers"], 2, notice => throw new InvalidOperationException(notice), TimeProvider.System);
        return cache.GetOrAdd(LayerKey.Of(Digest.Sha256(tar), PruneRules.Parse(rules)), "test.deb", builder => builder.AddTar(() => new MemoryStream(tar), "test.deb/data.tar"));
    }

    private static FileTree Merge(Layer layer)
    {
        FileTreeBuilder builder = new(Time);
        foreach ((TreePath path, TreeNode node) in layer.Entries)
        {
            builder.Set(path, node);
        }

        return builder.Build();
    }

    private static byte[] ReadThrough(FileTree tree, TreePath path) =>
        tree.ReadFile(tree.Nodes[path] is HardLinkNode link ? link.Target.Value : path.Value);

    private static byte[] Tar(params TarEntry[] entries)
    {
        using MemoryStream stream = new();
        using (TarWriter writer = new(stream, leaveOpen: true))
        {
            foreach (TarEntry entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    private static PaxTarEntry Entry(TarEntryType type, string name, byte[]? content = null, string? link = null)
    {
        PaxTarEntry entry = new(type, name)
        {
            Mode = (UnixFileMode)(type == TarEntryType.Directory ? 0x1ED : 0x1A4),
            ModificationTime = DateTimeOffset.FromUnixTimeSeconds(Time),
        };
        if (link is not null)
        {
            entry.LinkName = link;
        }

        if (content is not null)
        {
            entry.DataStream = new MemoryStream(content);
        }

        return entry;
    }

    private static PaxTarEntry Link(string name, string target)
    {
        PaxTarEntry entry = Entry(TarEntryType.HardLink, name);
        entry.LinkName = target;
        return entry;
    }
}
