using System.IO.Compression;
using System.Text;
using Images.Baker.Boot.Kmod;
using Images.Baker.Caching;
using Images.Formats;
using Images.Formats.Cpio;
using Images.Formats.Tree;
using Images.Formats.Verity;

namespace Images.Baker.Boot.Initramfs;

/// <summary>
/// Makes the initramfs in two archives, which the kernel unpacks one after the other: the base (slow to make, the same
/// from bake to bake) and a few hundred bytes with the verity parameters, which exist only once the root is written.
/// </summary>
internal static class InitramfsBuilder
{
    /// <summary>The file that /init reads: shell assignments.</summary>
    public const string VerityFile = "etc/verity";

    /// <summary>Goes up when the same content is to give other bytes.</summary>
    private const string FormatVersion = "2";

    /// <summary>Nothing reads the times of these files, so they are the same for ever.</summary>
    private const long FileTimeUnixSeconds = 0;

    private const int ProgramMode = 0b111_101_101;

    /// <summary>Both archives as the firmware is to load them.</summary>
    public static byte[] Combine(byte[] baseArchive, VerityInfo verity) => [.. baseArchive, .. VeritySegment(verity)];

    /// <summary>The compressed base, its length a multiple of 4.</summary>
    /// <exception cref="BakeException">A program or module that image.yaml asks for is not there.</exception>
    public static byte[] BuildBase(InitramfsContent content, ResultCache? cache = null) =>
        cache is null
            ? Pack(BuildTree(content))
            : cache.GetOrMake("initramfs", KeyOf(content), () => Pack(BuildTree(content)));

    /// <summary>The tree of the base, for inspection and tests.</summary>
    public static FileTree BuildTree(InitramfsContent content) =>
        Assemble(content, SelectTools(content), SelectModules(content));

    /// <summary>An uncompressed archive with the one file that names the root.</summary>
    public static byte[] VeritySegment(VerityInfo verity)
    {
        FileTreeBuilder builder = new(FileTimeUnixSeconds);
        builder.AddText(VerityFile, $"""
            ROOT_HASH={verity.RootHash}
            SALT={verity.Salt}
            DATA_BLOCKS={verity.DataBlocks}
            HASH_START_BLOCK={verity.HashStartBlock}

            """);
        using MemoryStream archive = new();
        CpioWriter.Write(builder.Build(), archive);
        return archive.ToArray();
    }

    private static FileTree SelectTools(InitramfsContent content)
    {
        ProgramCollector collector = new(content.Tools, FileTimeUnixSeconds);
        collector.AddProgram("usr/bin/busybox");
        collector.AddProgram("usr/sbin/dmsetup");
        return collector.Build();
    }

    private static KernelModules SelectModules(InitramfsContent content)
    {
        KernelModules modules = content.Modules();
        string[] unknown =
            [.. content.ModuleNames.Where(name => modules.Find(name) is null && !modules.IsBuiltIn(name))];
        return unknown.Length == 0
            ? modules.Select(content.ModuleNames)
            : throw new BakeException(
                "BAKE0702", "image.yaml: initramfs.modules",
                $"the kernel {modules.KernelRelease} has no {string.Join(", no ", unknown)}, "
                    + "neither as a module nor built in.",
                "Correct the name or take it out.");
    }

    private static FileTree Assemble(InitramfsContent content, FileTree tools, KernelModules modules)
    {
        FileTreeBuilder builder = FileTreeBuilder.From(tools, FileTimeUnixSeconds);
        AddSkeleton(builder);
        builder.AddFile("init", content.Init, ProgramMode);
        AddModules(builder, content, modules);
        AddFirmware(builder, content, modules);
        return builder.Build();
    }

    private static void AddSkeleton(FileTreeBuilder builder)
    {
        foreach (string folder in new[] { "dev", "etc", "proc", "run", "sys", "sysroot", "tmp" })
        {
            builder.AddDirectory(folder);
        }

        foreach (string link in new[] { "bin", "lib", "lib64", "sbin" })
        {
            builder.AddSymlink(link, "usr/" + link);
        }

        // The kernel opens it for /init before anything is mounted.
        builder.Set(
            TreePath.Parse("dev/console"),
            new DeviceNode { Mode = 0b110_000_000, Kind = DeviceKind.Character, Major = 5, Minor = 1 });
        builder.AddSymlink("usr/bin/sh", "busybox");
        // The kernel runs /sbin/modprobe by itself when it needs a module.
        builder.AddSymlink("usr/sbin/modprobe", "../bin/busybox");
    }

    private static void AddModules(FileTreeBuilder builder, InitramfsContent content, KernelModules modules)
    {
        string folder = KernelModulesReader.FolderOf(modules.KernelRelease);
        foreach (ModuleInfo module in modules.Modules)
        {
            byte[] bytes = KernelModulesReader.ReadModule(content.Kernel, TreePath.Parse($"{folder}/{module.Path}"));
            builder.AddFile($"{folder}/{PathInInitramfs(module.Path)}", new MemoryContent(bytes));
        }

        foreach ((string name, byte[] index) in ModuleIndex.BuildText(modules.WithPaths(PathInInitramfs)))
        {
            builder.AddFile($"{folder}/{name}", new MemoryContent(index));
        }

        builder.AddText(folder + "/modules.builtin", string.Concat(modules.BuiltInPaths.Select(path => path + "\n")));
    }

    /// <summary>Busybox would unpack .xz slowly at each boot; the archive as a whole is compressed anyway.</summary>
    private static string PathInInitramfs(string path) =>
        path.EndsWith(".xz", StringComparison.Ordinal) ? path[..^".xz".Length] : path;

    private static void AddFirmware(FileTreeBuilder builder, InitramfsContent content, KernelModules modules)
    {
        foreach (string name in modules.Modules.SelectMany(module => module.Firmware).Distinct(StringComparer.Ordinal))
        {
            TreePath[] found = [.. new[] { name, name + ".xz", name + ".zst" }
                .Select(file => TreePath.Parse("usr/lib/firmware/" + file))
                .Where(path => content.Kernel.TryGet(path, out TreeNode? node) && node is FileNode or HardLinkNode)];
            foreach (TreePath path in found)
            {
                builder.AddFile(path.Value, new MemoryContent(content.Kernel.ReadFile(path.Value)));
            }
        }
    }

    private static byte[] Pack(FileTree tree)
    {
        using MemoryStream packed = new();
        // GZipStream writes no name and no time into its header.
        using (GZipStream gzip = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            CpioWriter.Write(tree, gzip);
        }

        // The kernel skips zeros between archives; an uncompressed one must begin at a multiple of 4.
        packed.Write("\0\0\0"u8[..(int)(-packed.Length & 3)]);
        return packed.ToArray();
    }

    /// <summary>
    /// Everything that the base may be made of, whether it then is or not: selecting takes longer than comparing.
    /// </summary>
    private static Digest KeyOf(InitramfsContent content)
    {
        StringBuilder inputs = new();
        inputs.Append($"{FormatVersion}\ninit {content.Init.Digest}\n");
        inputs.Append($"modules {content.ModuleInputs} {string.Join(' ', content.ModuleNames)}\n");
        TreePath firmware = TreePath.Parse("usr/lib/firmware");
        foreach ((TreePath path, TreeNode node) in content.Tools.Nodes.Concat(
            content.Kernel.Nodes.Where(entry => entry.Key.IsBelow(firmware))))
        {
            inputs.Append($"{path} {Describe(node)}\n");
        }

        return Digest.Sha256(Encoding.UTF8.GetBytes(inputs.ToString()));
    }

    private static string Describe(TreeNode node) => node switch
    {
        FileNode file => file.Content.Digest.ToString(),
        SymlinkNode link => "-> " + link.Target,
        HardLinkNode link => "= " + link.Target,
        _ => node.GetType().Name,
    };
}
