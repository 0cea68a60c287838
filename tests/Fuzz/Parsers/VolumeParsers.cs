using Images.Bootstrapper.Datasources.NoCloud;
using Images.Formats;
using Images.Formats.Fat32;
using Images.Formats.Gpt;
using Images.Formats.Iso9660;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Fuzz.Parsers;

/// <summary>File systems and partition tables.</summary>
internal static class VolumeParsers
{
    private const int Time = 1_700_000_000;

    /// <summary>The smallest volume that FAT32 has.</summary>
    private const int FatSize = 34 << 20;

    private static readonly Type[] _malformed = [typeof(MalformedDataException)];

    public static IEnumerable<FuzzedParser> All =>
    [
        new() { Name = "volume-label", Declared = [], Samples = () => [MakeIso()], Read = bytes => VolumeLabel.Read(new FollowedByZeros(bytes, bytes.Length)) },
        new() { Name = "gpt", Declared = _malformed, Samples = () => [MakeGpt()], Repair = Checksums.RepairGpt, Read = bytes => GptReader.Read(new MemoryStream(bytes), "fuzz") },
        new()
        {
            Name = "fat32",
            Declared = _malformed,
            Samples = () => [MakeFat()],
            MostBytes = 200 << 20,
            Read = bytes => ReadFiles(Fat32Reader.Read(new FollowedByZeros(bytes, FatSize), "fuzz").Tree),
        },
        new()
        {
            Name = "squashfs",
            Declared = _malformed,
            Samples = () => [MakeSquashFs()],
            MostBytes = 200 << 20,
            Read = bytes => ReadFiles(SquashFsReader.Read(new MemoryStream(bytes), "fuzz").Tree),
        },
    ];

    private static void ReadFiles(FileTree tree)
    {
        foreach (TreeNode node in tree.Nodes.Values)
        {
            if (node is FileNode file)
            {
                FormatParsers.ReadWhole(file.Content.OpenRead());
            }
        }
    }

    private static FileTree MakeTree()
    {
        FileTreeBuilder tree = new(Time);
        tree.AddText("readme", "Hello.\n");
        tree.AddText("folder/a-file-with-a-long-name.text", new string('x', 5000));
        tree.AddFile("folder/noise", new MemoryContent(TestSupport.SampleData.Mixed(200_000)));
        return tree.Build();
    }

    private static byte[] MakeSquashFs()
    {
        FileTreeBuilder tree = FileTreeBuilder.From(MakeTree(), Time);
        tree.AddSymlink("link", "folder/noise");
        using MemoryStream output = new();
        SquashFsWriter.Write(tree.Build(), new SquashFsOptions { TimeUnixSeconds = Time, WorkerCount = 1 }, output);
        return output.ToArray();
    }

    private static byte[] MakeIso()
    {
        using MemoryStream output = new();
        Iso9660Writer.Write(MakeTree(), new Iso9660Options { TimeUnixSeconds = Time }, output);
        return output.ToArray();
    }

    /// <summary>Without the zeros behind the last file.</summary>
    private static byte[] MakeFat()
    {
        using MemoryStream output = new();
        Fat32Writer.Write(MakeTree(), new Fat32Options { SizeBytes = FatSize, TimeUnixSeconds = Time }, output);
        ReadOnlySpan<byte> volume = output.ToArray();
        return volume[..(volume.LastIndexOfAnyExcept((byte)0) + 1)].ToArray();
    }

    private static byte[] MakeGpt()
    {
        Guid type = new("0fc63daf-8483-4772-8e79-3d69d8477de4");
        GptLayout layout = GptLayout.Of(
            new GptPartition { Name = "first", TypeGuid = type, PartitionGuid = new Guid("11111111-2222-3333-4444-555555555555"), SizeBytes = GptLayout.Mebibyte },
            new GptPartition { Name = "second", TypeGuid = type, PartitionGuid = new Guid("66666666-7777-8888-9999-aaaaaaaaaaaa"), SizeBytes = GptLayout.Mebibyte });
        using MemoryStream output = new();
        output.SetLength(layout.SizeBytes);
        GptWriter.Write(layout, new Guid("bbbbbbbb-cccc-dddd-eeee-ffffffffffff"), output);
        return output.ToArray();
    }
}
