using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Disk;
using Images.Formats.Gpt;
using Images.TestSupport;

namespace Images.Formats.Tests.Gpt;

public class GptWriterTests
{
    private static readonly Guid _diskGuid = ContentGuid.From(Digest.Sha256("disk"u8));

    [Fact]
    public void Sfdisk_reads_back_the_partitions_that_were_written()
    {
        using TemporaryFolder folder = new();
        GptLayout layout = SampleLayout.Of();
        WriteEmptyDisk(folder["disk.raw"], layout);

        Judge.Run("sfdisk", "--verify", folder["disk.raw"]).ShouldContain("No errors detected");
        using JsonDocument json = JsonDocument.Parse(Judge.Run("sfdisk", "-J", folder["disk.raw"]));
        JsonElement table = json.RootElement.GetProperty("partitiontable");
        table.GetProperty("id").GetString().ShouldBe(_diskGuid.ToString(), StringCompareShould.IgnoreCase);
        table.GetProperty("firstlba").GetInt32().ShouldBe(34);
        JsonElement[] partitions = [.. table.GetProperty("partitions").EnumerateArray()];
        partitions.Length.ShouldBe(layout.Partitions.Count);
        foreach ((JsonElement read, GptPartition written) in partitions.Zip(layout.Partitions))
        {
            read.GetProperty("name").GetString().ShouldBe(written.Name);
            read.GetProperty("type").GetString().ShouldBe(written.TypeGuid.ToString(), StringCompareShould.IgnoreCase);
            read.GetProperty("uuid").GetString().ShouldBe(written.PartitionGuid.ToString(), StringCompareShould.IgnoreCase);
            (read.GetProperty("start").GetInt64() * 512).ShouldBe(written.OffsetBytes);
            (read.GetProperty("size").GetInt64() * 512).ShouldBe(written.SizeBytes);
        }
    }

    [Fact]
    public void Sgdisk_finds_no_problem()
    {
        using TemporaryFolder folder = new();
        WriteEmptyDisk(folder["disk.raw"], SampleLayout.Of());
        string verdict = Judge.Run("sgdisk", "-v", folder["disk.raw"]);
        verdict.ShouldContain("No problems found");
        verdict.ShouldNotContain("Warning");
        verdict.ShouldNotContain("Caution");
    }

    [Fact]
    public void Our_reader_reads_back_disks_of_any_size()
    {
        Gen<int[]> sizes = Gen.Choose(1, 5000).ArrayOf(3);
        Prop.ForAll(sizes.ToArbitrary(), mebibytes =>
        {
            GptLayout layout = LayoutOf(mebibytes[0], mebibytes[1], mebibytes[2]);
            using SparseMemoryStream disk = new(layout.SizeBytes);
            GptWriter.Write(layout, _diskGuid, disk);
            GptTable table = GptReader.Read(disk, "disk");
            table.DiskGuid.ShouldBe(_diskGuid);
            table.Entries.Select(entry => (entry.Name, entry.FirstLba, entry.LastLba))
                .ShouldBe(layout.Partitions.Select(partition => (partition.Name, partition.FirstLba, partition.LastLba)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_damaged_byte_of_both_copies_is_named()
    {
        GptLayout layout = LayoutOf(1, 1, 1);
        using SparseMemoryStream disk = new(layout.SizeBytes);
        GptWriter.Write(layout, _diskGuid, disk);
        long end = layout.SizeBytes;
        (long First, long End, string Name)[] regions =
        [
            (446, 512, "protective MBR"),
            (512, 1024, "primary GPT header"),
            (1024, 34 * 512, "primary GPT entries"),
            (end - (33 * 512), end - 512, "backup GPT entries"),
            (end - 512, end, "backup GPT header"),
        ];
        foreach ((long first, long last, string name) in regions)
        {
            for (long offset = first; offset < last; offset += 61)
            {
                Flip(disk, offset);
                MalformedDataException fault = Should.Throw<MalformedDataException>(() => GptReader.Read(disk, "disk"));
                fault.Message.ShouldContain(name);
                Flip(disk, offset);
            }
        }

        GptReader.Read(disk, "disk").Entries.Count.ShouldBe(5);
    }

    [Fact]
    public void Copies_that_are_each_whole_but_disagree_are_refused()
    {
        GptLayout layout = LayoutOf(1, 1, 1);
        using SparseMemoryStream disk = new(layout.SizeBytes);
        GptWriter.Write(layout, ContentGuid.From(Digest.Sha256("other"u8)), disk);
        byte[] backup = new byte[512];
        disk.Position = layout.SizeBytes - 512;
        disk.ReadExactly(backup);
        GptWriter.Write(layout, _diskGuid, disk);
        disk.Position = layout.SizeBytes - 512;
        disk.Write(backup);
        Should.Throw<MalformedDataException>(() => GptReader.Read(disk, "disk")).Message.ShouldContain("something else");
    }

    [Fact]
    public void Overlapping_partitions_are_refused()
    {
        GptLayout layout = LayoutOf(4, 4, 4);
        GptLayout wrong = layout with
        {
            Partitions = [layout["esp"], layout["root-a"] with { OffsetBytes = layout["esp"].OffsetBytes + GptLayout.Alignment }],
        };
        using SparseMemoryStream disk = new(layout.SizeBytes);
        GptWriter.Write(wrong, _diskGuid, disk);
        Should.Throw<MalformedDataException>(() => GptReader.Read(disk, "disk")).Message.ShouldContain("root-a overlaps esp");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(512)]
    [InlineData(34816 + 1)]
    public void A_file_that_cannot_be_a_gpt_disk_is_refused(long length)
    {
        using SparseMemoryStream disk = new(length);
        Should.Throw<MalformedDataException>(() => GptReader.Read(disk, "disk")).Message.ShouldContain("length");
    }

    [Fact]
    public void A_size_that_is_no_multiple_of_a_mebibyte_is_refused() =>
        Should.Throw<ContentException>(() => SampleLayout.Of(rootBytes: 1000)).Message.ShouldContain("sizes.root");

    private static GptLayout LayoutOf(int esp, int root, int state) =>
        SampleLayout.Of(esp * GptLayout.Mebibyte, root * GptLayout.Mebibyte, state * GptLayout.Mebibyte);

    private static void WriteEmptyDisk(string path, GptLayout layout)
    {
        using DiskWriter writer = DiskWriter.Create(path, layout);
        File.Move(writer.Seal(_diskGuid), path);
    }

    private static void Flip(Stream disk, long offset)
    {
        byte[] one = new byte[1];
        disk.Position = offset;
        disk.ReadExactly(one);
        one[0] ^= 0x01;
        disk.Position = offset;
        disk.Write(one);
    }
}
