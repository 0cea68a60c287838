using Images.Formats.Gpt;
using Images.TestSupport;

namespace Images.Formats.Tests.Gpt;

public sealed class GptRenewalTests
{
    private static readonly Guid _imagesDisk = new("11111111-1111-8111-8111-111111111111");
    private static readonly Guid _freshDisk = new("aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb");
    private static readonly Guid _freshEsp = new("cccccccc-1111-4222-8333-dddddddddddd");

    private static readonly GptLayout _layout = SampleLayout.Of(GptLayout.Mebibyte, GptLayout.Mebibyte, GptLayout.Mebibyte);

    private static readonly Dictionary<Guid, Guid> _renewed = new() { [_layout["esp"].PartitionGuid] = _freshEsp };

    private static ulong Blocks => (ulong)(_layout.SizeBytes / GptLayout.LogicalBlockSize);

    [Fact]
    public void Sfdisk_and_sgdisk_find_a_whole_table_that_differs_in_the_renewed_identifiers_alone()
    {
        using TemporaryFolder folder = new();
        string path = folder["disk.raw"];
        using (FileStream disk = File.Create(path))
        {
            disk.SetLength(_layout.SizeBytes);
            GptWriter.Write(_layout, _imagesDisk, disk);
        }

        string before = Judge.Run("sfdisk", "-J", path);
        using (FileStream disk = new(path, FileMode.Open, FileAccess.ReadWrite))
        {
            GptRenewal.Write(disk, Blocks, _renewed, _freshDisk, path).ShouldBeTrue();
        }

        Judge.Run("sfdisk", "--verify", path).ShouldContain("No errors detected");
        Judge.Run("sgdisk", "-v", path).ShouldContain("No problems found");
        Judge.Run("sfdisk", "-J", path).ToUpperInvariant().ShouldBe(before.ToUpperInvariant()
            .Replace($"{_imagesDisk}".ToUpperInvariant(), $"{_freshDisk}".ToUpperInvariant(), StringComparison.Ordinal)
            .Replace($"{_layout["esp"].PartitionGuid}".ToUpperInvariant(), $"{_freshEsp}".ToUpperInvariant(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_disk_that_has_identifiers_of_its_own_keeps_them()
    {
        using CutStream disk = Disk();
        Renew(disk);
        byte[] first = disk.ToArray();
        GptRenewal.Write(disk, () => { }, Blocks, _renewed, Guid.NewGuid(), "disk").ShouldBeFalse();
        disk.ToArray().ShouldBe(first);
    }

    [Fact]
    public void Wherever_the_power_goes_one_copy_is_whole_and_the_next_time_makes_both_so()
    {
        for (int sectors = 0; ; sectors++)
        {
            using CutStream disk = Disk();
            disk.SectorsLeft = sectors;
            bool wasCut = false;
            try
            {
                Renew(disk);
            }
            catch (IOException)
            {
                wasCut = true;
            }

            disk.SectorsLeft = int.MaxValue;
            Renew(disk);
            GptTable table = GptReader.Read(disk, "disk");
            table.DiskGuid.ShouldBe(_freshDisk, $"after {sectors} sectors");
            table.Entries[0].PartitionGuid.ShouldBe(_freshEsp);
            table.Entries.Select(entry => entry.Name).ShouldBe(["esp", "bios", "root-a", "root-b", "state"]);
            if (!wasCut)
            {
                sectors.ShouldBe(66, "32 of entries and one of the header, twice");
                return;
            }
        }
    }

    [Fact]
    public void The_backup_is_on_the_disk_before_the_primary_is_touched()
    {
        using CutStream disk = Disk();
        List<string> order = [];
        disk.OnWrite = offset => order.Add(offset < GptLayout.Mebibyte ? "primary" : "backup");
        GptRenewal.Write(disk, () => order.Add("flush"), Blocks, _renewed, _freshDisk, "disk");
        order.Distinct().ShouldBe(["backup", "flush", "primary"]);
        order.LastIndexOf("backup").ShouldBeLessThan(order.IndexOf("flush"));
        order.IndexOf("flush").ShouldBeLessThan(order.IndexOf("primary"));
        order[^1].ShouldBe("flush");
    }

    [Fact]
    public void A_disk_that_is_larger_than_its_table_keeps_the_backup_where_the_table_says()
    {
        using CutStream disk = Disk();
        disk.SetLength(_layout.SizeBytes + GptLayout.Mebibyte);
        GptRenewal.Write(disk, () => { }, Blocks + 2048, _renewed, _freshDisk, "disk").ShouldBeTrue();
        disk.SetLength(_layout.SizeBytes);
        GptReader.Read(disk, "disk").DiskGuid.ShouldBe(_freshDisk);
    }

    [Fact]
    public void A_disk_without_a_whole_table_is_refused_and_stays_untouched()
    {
        using CutStream disk = Disk();
        foreach (long offset in new[] { 512 + 20, _layout.SizeBytes - 512 + 20 })
        {
            disk.Position = offset;
            disk.WriteByte(1);
        }

        byte[] before = disk.ToArray();
        Should.Throw<MalformedDataException>(() => Renew(disk));
        disk.ToArray().ShouldBe(before);
    }

    private static CutStream Disk()
    {
        CutStream disk = new();
        disk.SetLength(_layout.SizeBytes);
        GptWriter.Write(_layout, _imagesDisk, disk);
        return disk;
    }

    private static void Renew(CutStream disk) => GptRenewal.Write(disk, () => { }, Blocks, _renewed, _freshDisk, "disk");

    /// <summary>Takes so many sectors and then has no power.</summary>
    private sealed class CutStream : MemoryStream
    {
        public int SectorsLeft { get; set; } = int.MaxValue;

        public Action<long> OnWrite { get; set; } = _ => { };

        public override void Write(byte[] buffer, int offset, int count)
        {
            OnWrite(Position);
            for (int at = 0; at < count; at += GptLayout.LogicalBlockSize)
            {
                if (SectorsLeft == 0)
                {
                    throw new IOException("no power");
                }

                SectorsLeft -= SectorsLeft == int.MaxValue ? 0 : 1;
                base.Write(buffer, offset + at, Math.Min(GptLayout.LogicalBlockSize, count - at));
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);
    }
}
