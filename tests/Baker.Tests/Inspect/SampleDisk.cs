using System.Text;
using Images.Baker.Boot.Initramfs;
using Images.Baker.Composing;
using Images.Baker.Disk;
using Images.Baker.Outputs;
using Images.Baker.Tests.Tree;
using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.Gpt;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.Formats.Uki;
using Images.Formats.Verity;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;
using Images.TestSupport;

using Images.Formats.Fat32;

namespace Images.Baker.Tests.Inspect;

/// <summary>A whole disk, small, with every part that a bake puts on one.</summary>
internal static class SampleDisk
{
    public static readonly GptLayout Layout = new DiskSizes { EspBytes = 34 << 20, RootBytes = 2 << 20, StateBytes = 1 << 20 }.ToLayout();

    /// <param name="path">Where to write it.</param>
    /// <param name="changeRoot">Changes the root after its manifest was made.</param>
    /// <param name="rootSlot">The partition that the root goes to.</param>
    /// <param name="changeEsp">Adds to the boot files.</param>
    /// <param name="damage">Changes the SquashFS before it is sealed with dm-verity.</param>
    /// <param name="changeContent">Changes what the root is composed of.</param>
    public static VerityInfo Write(string path, Action<FileTreeBuilder>? changeRoot = null, string rootSlot = NodeDisk.RootA, Action<Stream>? damage = null, Func<ImageContent, ImageContent>? changeContent = null, Action<FileTreeBuilder>? changeEsp = null)
    {
        using DiskWriter disk = DiskWriter.Create(path, Layout);
        FileTree root = Root(changeRoot, changeContent ?? (content => content));
        VerityInfo verity = disk.Write(rootSlot, slot =>
        {
            SquashFsWriteResult written = SquashFsWriter.Write(root, new SquashFsOptions { TimeUnixSeconds = SampleImage.SourceDate }, slot);
            damage?.Invoke(slot);
            return VerityTree.Append(slot, written.PaddedLength);
        });
        FileTree esp = Esp(verity, changeEsp);
        Digest content = disk.Write(NodeDisk.Esp, volume => Fat32Writer.Write(
            esp, new Fat32Options { SizeBytes = Layout[NodeDisk.Esp].SizeBytes, TimeUnixSeconds = SampleImage.SourceDate }, volume));
        OutputSet.Publish(new OutputName(disk.Seal(ContentGuid.From([Digest.Parse(verity.RootHash), content])), path));
        return verity;
    }

    private static FileTree Root(Action<FileTreeBuilder>? change, Func<ImageContent, ImageContent> changeContent)
    {
        FileTree tree = ImageTree.Compose(changeContent(SampleImage.Content(extra =>
        {
            byte[] bytes = new byte[400_000];
            new Random(3).NextBytes(bytes);
            extra.AddFile("usr/lib/extra/data", new MemoryContent(bytes));
            extra.Set(TreePath.Parse("usr/lib/extra/again"), new HardLinkNode { Mode = 0, Target = TreePath.Parse("usr/lib/extra/data") });
        }))).Tree;
        FileTreeBuilder builder = FileTreeBuilder.From(tree, SampleImage.SourceDate);
        change?.Invoke(builder);
        return builder.Build();
    }

    private static FileTree Esp(VerityInfo verity, Action<FileTreeBuilder>? change)
    {
        using MemoryStream kernel = new();
        UkiWriter.Write(
            new UkiContent
            {
                Stub = HandMadeStub.Create(),
                OsRelease = Encoding.ASCII.GetBytes("ID=debian\n"),
                CommandLine = "ro console=tty0",
                KernelRelease = "6.12.1-amd64",
                Initrd = InitramfsBuilder.Combine(new byte[100_000], verity),
                Kernel = new byte[50_000],
            },
            kernel);
        FileTreeBuilder builder = new(SampleImage.SourceDate);
        builder.AddText("EFI/BOOT/BOOTX64.EFI", "loader");
        builder.AddFile(NodeEsp.ImageA, new MemoryContent(kernel.ToArray()));
        builder.AddText(NodeEsp.FirstEntry, $"title node 0.1.0\nversion 0001\nefi /{NodeEsp.ImageA}\n");
        change?.Invoke(builder);
        return builder.Build();
    }
}
