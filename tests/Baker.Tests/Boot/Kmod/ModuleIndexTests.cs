using FsCheck;
using FsCheck.Fluent;
using Images.Baker.Boot.Kmod;
using Images.Baker.Caching;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Tests.Boot.Kmod;

public sealed class ModuleIndexTests
{
    private const string Release = "6.0-test";

    private static readonly string[] _sameAsDepmods = ["modules.alias.bin", "modules.symbols.bin", "modules.builtin.bin", "modules.builtin.alias.bin"];

    [Fact]
    public void Kmod_reads_the_same_from_our_indexes_as_from_depmods()
    {
        using ModuleFolder folder = new(TreeOf(SmallKernel()), Release);
        foreach (string index in _sameAsDepmods)
        {
            folder.Ours[index].ShouldBe(folder.Theirs(index), index);
        }

        foreach (ModuleInfo module in folder.Modules.Modules)
        {
            (string ours, string theirs) = folder.Ask("-D", module.Name);
            ours.ShouldBe(theirs);
        }

        folder.Ask("--resolve-alias", "pci:v00001234d00000001sv0sd0bc00sc00i00").Ours.ShouldBe("0\nnet_card\n");
        folder.Ask("-D", "builtin-thing").Ours.ShouldBe("0\nbuiltin builtin_thing\n");
    }

    [Fact]
    public void The_text_files_say_what_depmods_say()
    {
        using ModuleFolder folder = new(TreeOf(SmallKernel()), Release);
        foreach (string index in new[] { "modules.dep", "modules.alias", "modules.softdep", "modules.devname" })
        {
            System.Text.Encoding.ASCII.GetString(folder.Ours[index]).ShouldBe(System.Text.Encoding.ASCII.GetString(folder.Theirs(index)), index);
        }
    }

    [Fact]
    public void Any_set_of_modules_and_aliases_is_indexed_as_depmod_indexes_it()
    {
        Gen<string> alias = Gen.Elements("pci:v*d*", "pci:v1-d*", "pci:", "of:[a-z]*-x", "fs-ext4", "fs-ext", "a", "ab", "abc", "usb:v0[0-9]p*", "devname:loop-control", "char-major-10-237");
        Gen<string[]> aliases = Gen.ArrayOf(alias).Select(all => all.Take(5).ToArray());
        Gen<string[][]> kernel = Gen.ArrayOf(aliases, 7);
        Prop.ForAll(kernel.ToArbitrary(), IndexedAsByDepmod).Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    [Fact]
    public void Soft_and_weak_dependencies_are_selected_along_with_the_hard_ones()
    {
        KernelModules modules = KernelModulesReader.Read(TreeOf(SmallKernel()), Release);
        modules.Select(["net-card", "no_such_module"]).Modules.Select(module => module.Name).ShouldBe(["bus", "crc", "weak", "net_card"]);
    }

    [Fact]
    public void A_dependency_that_was_pruned_is_named()
    {
        HandMadeModule gone = new("kernel/gone.ko") { Exports = ["gone_symbol"] };
        KernelModules modules = KernelModulesReader.Read(TreeOf([new HandMadeModule("kernel/user.ko") { Uses = [gone] }]), Release);
        Should.Throw<MalformedDataException>(() => ModuleIndex.Build(modules))
            .Message.ShouldBe("kernel/user.ko: it depends on the module gone, which is not in the tree.");
    }

    [Fact]
    public void Two_modules_of_one_name_are_refused()
    {
        FileTree tree = TreeOf([new HandMadeModule("kernel/a-b.ko"), new HandMadeModule("updates/a_b.ko")]);
        Should.Throw<MalformedDataException>(() => KernelModulesReader.Read(tree, Release)).Message.ShouldContain("of the same name");
    }

    [Fact]
    public void A_module_cut_short_is_refused_and_never_read_beyond_its_end()
    {
        byte[] whole = SmallKernel()[3].ToBytes();
        for (int length = 0; length < whole.Length; length++)
        {
            Should.Throw<MalformedDataException>(() => ModuleInfoReader.Read(whole.AsMemory(0, length), "kernel/short.ko"));
        }
    }

    [Fact]
    public void What_the_cache_kept_is_read_again_and_mended_when_broken()
    {
        using TestSupport.TemporaryFolder folder = new();
        ResultCache cache = new(folder["cache"], TimeProvider.System);
        FileTree tree = TreeOf(SmallKernel());
        byte[] cold = ModuleIndex.Build(KernelModulesReader.Read(tree, Release, cache))["modules.alias.bin"];
        string kept = Directory.EnumerateFiles(folder["cache"]).ShouldHaveSingleItem();
        ModuleIndex.Build(KernelModulesReader.Read(tree, Release, cache))["modules.alias.bin"].ShouldBe(cold);
        byte[] broken = File.ReadAllBytes(kept);
        broken[^5] ^= 1;
        File.WriteAllBytes(kept, broken);
        ModuleIndex.Build(KernelModulesReader.Read(tree, Release, cache))["modules.alias.bin"].ShouldBe(cold);
    }

    [Fact]
    public void An_image_with_two_kernels_is_refused()
    {
        FileTreeBuilder builder = new(0);
        builder.AddDirectory("usr/lib/modules/6.1");
        builder.AddDirectory("usr/lib/modules/6.2");
        Should.Throw<BakeException>(() => KernelModulesReader.FindRelease(builder.Build())).Message.ShouldContain("6.1, 6.2");
    }

    private static bool IndexedAsByDepmod(string[][] kernel)
    {
        using ModuleFolder folder = new(TreeOf([.. kernel.Select((aliases, i) => new HandMadeModule($"kernel/m{i}.ko") { Aliases = aliases })]), Release);
        folder.Ours["modules.devname"].ShouldBe(folder.Theirs("modules.devname"));
        folder.Ours["modules.alias.bin"].ShouldBe(folder.Theirs("modules.alias.bin"));
        return true;
    }

    private static HandMadeModule[] SmallKernel()
    {
        HandMadeModule crc = new("kernel/lib/crc.ko") { Exports = ["crc_make"], Aliases = ["crypto-crc", "crypto-crc-generic"] };
        HandMadeModule bus = new("kernel/drivers/bus.ko") { Exports = ["bus_register", "bus_remove"], Uses = [crc] };
        HandMadeModule weak = new("kernel/drivers/weak.ko") { Aliases = ["devname:net/tun", "char-major-10-200"] };
        HandMadeModule card = new("kernel/drivers/net-card.ko")
        {
            Uses = [bus, crc],
            Aliases = ["pci:v00001234d0000000[1-3]sv*sd*bc*sc*i*", "pci:v00001234d00000009sv*sd*bc*sc*i*"],
            FurtherWords = ["softdep=pre: crc post: weak", "firmware=net/card.bin", "weakdep=weak nothing"],
        };
        return [crc, bus, weak, card];
    }

    private static FileTree TreeOf(HandMadeModule[] modules)
    {
        FileTreeBuilder builder = new(0);
        string folder = KernelModulesReader.FolderOf(Release);
        foreach (HandMadeModule module in modules)
        {
            builder.AddFile($"{folder}/{module.Path}", new MemoryContent(module.ToBytes()));
        }

        string[] order = [.. modules.Select(module => module.Path).OrderBy(path => path == "kernel/drivers/bus.ko" ? 0 : 1)];
        builder.AddText(folder + "/modules.order", string.Concat(order.Select(path => path + "\n")));
        builder.AddText(folder + "/modules.builtin", "kernel/fs/builtin-thing.ko\nkernel/fs/other.ko\n");
        builder.AddText(folder + "/modules.builtin.modinfo", "builtin_thing.alias=fs-thing\0builtin_thing.license=GPL\0other.alias=fs-thing\0other.alias=x[a-z]-y\0");
        return builder.Build();
    }
}
