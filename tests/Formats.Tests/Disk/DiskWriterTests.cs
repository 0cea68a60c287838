using Images.Formats.Disk;
using Images.Formats.Gpt;
using Images.Formats.Tests.Gpt;
using Images.TestSupport;

namespace Images.Formats.Tests.Disk;

public class DiskWriterTests
{
    private static readonly Guid _guid = ContentGuid.From(Digest.Sha256("disk"u8));

    private static readonly GptLayout _layout = SampleLayout.Of(4 << 20, 2 << 20, 1 << 20);

    [Fact]
    public void What_is_written_into_a_partition_is_read_back_from_it()
    {
        using TemporaryFolder folder = new();
        byte[] content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i % 251))];
        using (DiskWriter writer = DiskWriter.Create(folder["disk.raw"], _layout))
        {
            writer.Write("root-a", slot => slot.Write(content));
            File.Move(writer.Seal(_guid), folder["disk.raw"]);
        }

        File.Exists(folder["disk.raw.partial"]).ShouldBeFalse();
        using DiskImage image = DiskImage.Open(folder["disk.raw"]);
        image.DiskGuid.ShouldBe(_guid);
        image.Partitions.Select(partition => partition.Name).ShouldBe(["esp", "bios", "root-a", "root-b", "state"]);
        using PartitionStream read = image.OpenPartition("root-a");
        byte[] back = new byte[content.Length];
        read.ReadExactly(back);
        back.ShouldBe(content);
        read.Length.ShouldBe(2 << 20);
    }

    [Fact]
    public void A_partition_can_be_sought_and_read_while_it_is_written()
    {
        using TemporaryFolder folder = new();
        using DiskWriter writer = DiskWriter.Create(folder["disk.raw"], _layout);
        writer.Write("root-a", slot =>
        {
            slot.Position = 5000;
            slot.Write("end"u8);
            slot.Position = 0;
            slot.Write("begin"u8);
            slot.Length.ShouldBe(5003);
            byte[] all = new byte[5003];
            slot.Position = 0;
            slot.ReadExactly(all);
            all[..5].ShouldBe("begin"u8.ToArray());
            all[5000..].ShouldBe("end"u8.ToArray());
            all[5..5000].ShouldAllBe(value => value == 0);
            return slot.Length;
        }).ShouldBe(5003);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((1L << 32) - 2)]
    [InlineData(1L << 32)]
    [InlineData((6L << 30) - 5)]
    public void Positions_beyond_4_GiB_are_kept(long position)
    {
        using TemporaryFolder folder = new();
        using (DiskWriter writer = DiskWriter.Create(folder["disk.raw"], SampleLayout.Of(rootBytes: 6L << 30)))
        {
            writer.Write("root-b", slot =>
            {
                slot.Position = position;
                slot.Write("hello"u8);
            });
            File.Move(writer.Seal(_guid), folder["disk.raw"]);
        }

        using DiskImage image = DiskImage.Open(folder["disk.raw"]);
        using PartitionStream read = image.OpenPartition("root-b");
        byte[] back = new byte[5];
        read.Position = position;
        read.ReadExactly(back);
        back.ShouldBe("hello"u8.ToArray());
        Judge.Run("sfdisk", "--verify", folder["disk.raw"]);
    }

    [Fact]
    public void What_is_not_written_takes_no_room()
    {
        using TemporaryFolder folder = new();
        using (DiskWriter writer = DiskWriter.Create(folder["disk.raw"], SampleLayout.Of()))
        {
            File.Move(writer.Seal(_guid), folder["disk.raw"]);
        }

        new FileInfo(folder["disk.raw"]).Length.ShouldBe((512 + 1 + 1024 + 1024 + 16 + 2) * GptLayout.Mebibyte);
        long.Parse(Judge.Run("du", "--block-size=1", folder["disk.raw"]).Split('\t')[0]).ShouldBeLessThan(1 << 20);
    }

    [Fact]
    public void An_image_too_big_for_its_slot_says_which_size_to_set_and_leaves_nothing()
    {
        using TemporaryFolder folder = new();
        ContentException fault = Should.Throw<ContentException>(() =>
        {
            using DiskWriter writer = DiskWriter.Create(folder["disk.raw"], _layout);
            writer.Write("root-a", slot =>
            {
                slot.Write(new byte[2 << 20]);
                slot.Write(new byte[1]);
            });
        });
        fault.Code.ShouldBe("BAKE0533");
        fault.Message.ShouldContain("too big for its slot: root-a needs 3 MiB or more, the slot has 2 MiB");
        fault.Message.ShouldContain("sizes.root");
        Directory.GetFileSystemEntries(folder.FullPath).ShouldBeEmpty();
    }

    [Fact]
    public void A_bake_that_fails_keeps_the_older_disk()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["disk.raw"], "older");
        using (DiskWriter writer = DiskWriter.Create(folder["disk.raw"], _layout))
        {
            writer.Write("root-a", slot => slot.Write(new byte[10]));
        }

        File.ReadAllText(folder["disk.raw"]).ShouldBe("older");
        File.Exists(folder["disk.raw.partial"]).ShouldBeFalse();
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_an_output_fault()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["file"], "");
        ContentException fault = Should.Throw<ContentException>(() => DiskWriter.Create(folder["file"] + "/disk.raw", _layout));
        fault.IsOfTheOutput.ShouldBeTrue();
        File.Exists(folder["file"]).ShouldBeTrue();
    }

    [Fact]
    public void Two_bakes_to_one_name_do_not_disturb_each_other()
    {
        using TemporaryFolder folder = new();
        using DiskWriter first = DiskWriter.Create(folder["disk.raw"], _layout);
        Should.Throw<ContentException>(() => DiskWriter.Create(folder["disk.raw"], _layout)).IsOfTheOutput.ShouldBeTrue();
        File.Move(first.Seal(_guid), folder["disk.raw"]);
        File.Exists(folder["disk.raw"]).ShouldBeTrue();
    }

    [Fact]
    public void A_full_disk_is_an_output_fault_and_leaves_nothing()
    {
        using SmallFileSystem small = SmallFileSystem.Mount(sizeMebibytes: 1);
        ContentException fault = Should.Throw<ContentException>(() =>
        {
            using DiskWriter writer = DiskWriter.Create(Path.Combine(small.FullPath, "disk.raw"), _layout);
            writer.Write("root-a", slot => slot.Write(new byte[2 << 20]));
            writer.Seal(_guid);
        });
        fault.IsOfTheOutput.ShouldBeTrue();
        fault.Message.ShouldContain("disk.raw");
        Directory.GetFileSystemEntries(small.FullPath).ShouldBeEmpty();
    }

    [Fact]
    public void The_same_contents_give_the_same_bytes()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["a/one.raw", "b/two.raw"])
        {
            using DiskWriter writer = DiskWriter.Create(folder[name], _layout);
            writer.Write("root-a", slot => slot.Write("content"u8));
            File.Move(writer.Seal(_guid), folder[name]);
        }

        File.ReadAllBytes(folder["a/one.raw"]).ShouldBe(File.ReadAllBytes(folder["b/two.raw"]));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Should.Throw<ContentException>(() => DiskImage.Open("/nowhere/disk.raw")).Message.ShouldContain("/nowhere/disk.raw");
}
