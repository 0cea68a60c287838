using System.IO.Compression;
using Images.Baker.Boot.Initramfs;
using Images.Baker.Boot.Kmod;
using Images.Baker.Caching;
using Images.Baker.Tests.Boot.Kmod;
using Images.Formats.Tree;
using Images.Formats.Verity;
using Images.TestSupport;

namespace Images.Baker.Tests.Boot.Initramfs;

public sealed class InitramfsBuilderTests
{
    private const string Release = "6.0-test";

    private static readonly VerityInfo _verity = new() { RootHash = new string('a', 64), Salt = new string('b', 64), DataBlocks = 4711 };

    [Fact]
    public void It_holds_the_programs_with_all_they_need_and_the_modules_with_theirs_unpacked()
    {
        FileTree tree = InitramfsBuilder.BuildTree(Content());
        tree.Nodes.Where(entry => entry.Value is not DirectoryNode).Select(entry => entry.Key.Value).ShouldBe(
        [
            "bin", "dev/console", "init", "lib", "lib64", "sbin",
            "usr/bin/busybox", "usr/bin/sh",
            "usr/lib/firmware/card.bin",
            $"usr/lib/modules/{Release}/kernel/bus.ko", $"usr/lib/modules/{Release}/kernel/card.ko",
            $"usr/lib/modules/{Release}/modules.alias", $"usr/lib/modules/{Release}/modules.builtin", $"usr/lib/modules/{Release}/modules.dep",
            $"usr/lib/modules/{Release}/modules.devname", $"usr/lib/modules/{Release}/modules.softdep",
            $"usr/lib/modules/{Release}/modules.symbols", $"usr/lib/modules/{Release}/modules.weakdep",
            "usr/lib/x86_64-linux-gnu/ld-2.so", "usr/lib/x86_64-linux-gnu/libc.so.6",
            "usr/lib/x86_64-linux-gnu/libdm.so.1", "usr/lib/x86_64-linux-gnu/libdm.so.1.2",
            "usr/lib64/ld.so",
            "usr/sbin/dmsetup", "usr/sbin/modprobe",
        ], ignoreOrder: true);
        System.Text.Encoding.ASCII.GetString(tree.ReadFile($"usr/lib/modules/{Release}/modules.dep")).ShouldBe("kernel/bus.ko:\nkernel/card.ko: kernel/bus.ko\n");
    }

    [Fact]
    public void Gzip_and_cpio_unpack_the_base_and_the_shell_reads_the_verity_file_behind_it()
    {
        using TemporaryFolder folder = new();
        byte[] baseArchive = InitramfsBuilder.BuildBase(Content());
        byte[] segment = InitramfsBuilder.VeritySegment(_verity);
        (baseArchive.Length % 4).ShouldBe(0);
        InitramfsBuilder.Combine(baseArchive, _verity).ShouldBe([.. baseArchive, .. segment]);

        using GZipStream gzip = new(new MemoryStream(baseArchive), CompressionMode.Decompress);
        using MemoryStream archive = new();
        gzip.CopyTo(archive);
        Judge.Try("cpio", ["-it", "--quiet"], archive.ToArray()).Output.Split('\n').ShouldContain("usr/sbin/dmsetup");
        Judge.Try("cpio", ["-idm", "--quiet"], segment, folder.FullPath).ShouldBe(new JudgeResult(0, "", ""));
        Judge.Run("sh", "-c", $". {folder["etc/verity"]}; echo $ROOT_HASH $SALT $DATA_BLOCKS $HASH_START_BLOCK")
            .ShouldBe($"{_verity.RootHash} {_verity.Salt} 4711 4711\n");
    }

    [Fact]
    public void The_header_of_the_compressed_base_has_no_name_and_no_time() =>
        InitramfsBuilder.BuildBase(Content())[..8].ShouldBe([0x1F, 0x8B, 8, 0, 0, 0, 0, 0]);

    [Fact]
    public void The_same_content_is_taken_from_the_cache_and_another_init_is_not()
    {
        using TemporaryFolder folder = new();
        ResultCache cache = new(folder["cache"], TimeProvider.System);
        byte[] cold = InitramfsBuilder.BuildBase(Content(), cache);
        InitramfsBuilder.BuildBase(Content(), cache).ShouldBe(cold);
        Directory.EnumerateFiles(folder["cache"]).Count().ShouldBe(1);
        InitramfsBuilder.BuildBase(Content() with { Init = MemoryContent.FromText("#!/bin/sh\n") }, cache).ShouldNotBe(cold);
        InitramfsBuilder.BuildBase(Content() with { ModuleNames = ["card"] }, cache).ShouldBe(InitramfsBuilder.BuildBase(Content() with { ModuleNames = ["card"] }));
        InitramfsBuilder.BuildBase(Content() with { ModuleNames = [] }, cache).ShouldNotBe(cold);
        FileTreeBuilder tools = FileTreeBuilder.From(Content().Tools, 0);
        byte[] busybox = [.. HandMadeProgram.Create(interpreter: null), 0];
        tools.AddFile("usr/bin/busybox", new MemoryContent(busybox));
        InitramfsBuilder.BuildBase(Content() with { Tools = tools.Build() }, cache).ShouldNotBe(cold);
    }

    [Fact]
    public void A_module_that_the_kernel_does_not_have_is_named() =>
        Should.Throw<BakeException>(() => InitramfsBuilder.BuildBase(Content() with { ModuleNames = ["card", "crad", "builtin-thing"] }))
            .Message.ShouldContain("the kernel 6.0-test has no crad, neither");

    [Fact]
    public void A_library_that_no_package_brings_is_named_with_its_user()
    {
        FileTreeBuilder tools = FileTreeBuilder.From(Content().Tools, 0);
        tools.Remove(TreePath.Parse("usr/lib/x86_64-linux-gnu/libc.so.6"));
        Should.Throw<BakeException>(() => InitramfsBuilder.BuildBase(Content() with { Tools = tools.Build() }))
            .Message.ShouldContain("needs libc.so.6, which none of the packages brings");
    }

    private static InitramfsContent Content()
    {
        FileTree kernel = KernelTree();
        return new InitramfsContent
        {
            Init = MemoryContent.FromText("#!/usr/bin/busybox sh\n"),
            Tools = ToolsTree(),
            Kernel = kernel,
            Modules = () => KernelModulesReader.Read(kernel, Release),
            ModuleInputs = KernelModulesReader.InputsOf(kernel, Release),
            ModuleNames = ["card", "builtin_thing"],
        };
    }

    private static FileTree ToolsTree()
    {
        const string Libraries = "usr/lib/x86_64-linux-gnu";
        FileTreeBuilder tools = new(0);
        tools.AddFile("usr/bin/busybox", new MemoryContent(HandMadeProgram.Create(interpreter: null)));
        tools.AddFile("usr/sbin/dmsetup", new MemoryContent(HandMadeProgram.Create("/lib64/ld.so", "libdm.so.1", "libc.so.6")));
        tools.AddSymlink(Libraries + "/libdm.so.1", "libdm.so.1.2");
        tools.AddFile(Libraries + "/libdm.so.1.2", new MemoryContent(HandMadeProgram.Create(null, "libc.so.6")));
        tools.AddFile(Libraries + "/libc.so.6", new MemoryContent(HandMadeProgram.Create(null)));
        tools.AddFile(Libraries + "/libunused.so.1", new MemoryContent(HandMadeProgram.Create(null)));
        tools.AddFile(Libraries + "/ld-2.so", new MemoryContent(HandMadeProgram.Create(null)));
        tools.AddSymlink("usr/lib64/ld.so", "../lib/x86_64-linux-gnu/ld-2.so");
        tools.AddText("usr/share/doc/busybox-static/copyright", "GPL");
        return tools.Build();
    }

    private static FileTree KernelTree()
    {
        HandMadeModule bus = new("kernel/bus.ko") { Exports = ["bus_register"] };
        HandMadeModule card = new("kernel/card.ko") { Uses = [bus], FurtherWords = ["firmware=card.bin", "firmware=absent.bin"] };
        HandMadeModule other = new("kernel/other.ko");
        FileTreeBuilder builder = new(0);
        string folder = KernelModulesReader.FolderOf(Release);
        foreach (HandMadeModule module in new[] { bus, card, other })
        {
            builder.AddFile($"{folder}/{module.Path}", new MemoryContent(module.ToBytes()));
        }

        builder.AddText(folder + "/modules.order", "kernel/bus.ko\nkernel/card.ko\nkernel/other.ko\n");
        builder.AddText(folder + "/modules.builtin", "kernel/builtin-thing.ko\n");
        builder.AddText(folder + "/modules.builtin.modinfo", "");
        builder.AddText("usr/lib/firmware/card.bin", "firmware");
        return builder.Build();
    }
}
