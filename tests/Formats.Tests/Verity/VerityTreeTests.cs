using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Verity;
using Images.TestSupport;

namespace Images.Formats.Tests.Verity;

public class VerityTreeTests
{
    private const int Block = VerityTree.BlockSize;

    public static TheoryData<long> Sizes => [1, Block - 1, Block, Block + 1, 2 * Block, (128 * Block) - 1, 128 * Block, (128 * Block) + 1, 128 * 128 * Block, (128 * 128 * Block) + 1];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Veritysetup_agrees_on_the_root_hash(long bytes)
    {
        using TemporaryFolder folder = new();
        VerityInfo info = AppendTo(folder["slot"], bytes);
        new FileInfo(folder["slot"]).Length.ShouldBe(info.TotalBytes);
        VeritySetup(folder["slot"], info).ExitCode.ShouldBe(0);
    }

    [Fact]
    public void Veritysetup_makes_the_same_tree()
    {
        using TemporaryFolder folder = new();
        VerityInfo info = AppendTo(folder["slot"], 130 * Block);
        byte[] ours = File.ReadAllBytes(folder["slot"]);
        File.WriteAllBytes(folder["data"], ours[..(130 * Block)]);
        string printed = Judge.Run(
            "veritysetup", "format", "--no-superblock", "--hash=sha256", $"--salt={info.Salt}", $"--data-blocks={info.DataBlocks}", folder["data"], folder["tree"]);
        printed.ShouldContain(info.RootHash);
        File.ReadAllBytes(folder["tree"]).ShouldBe(ours[(130 * Block)..]);
    }

    [Fact]
    public void What_was_appended_verifies_for_any_size()
    {
        Prop.ForAll(Gen.Choose(1, 300 * Block).ToArbitrary(), bytes =>
        {
            using MemoryStream slot = Slot(bytes);
            VerityInfo info = VerityTree.Append(slot, bytes);
            slot.Length.ShouldBe(info.TotalBytes);
            VerityTree.Verify(slot, info, "slot");
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Hashes_taken_while_the_data_are_written_are_those_of_the_data()
    {
        Gen<(int Start, int Length)> writes = Gen.Choose(0, 700 * Block).SelectMany(start => Gen.Choose(0, 300 * Block).Select(length => (start, length)));
        Prop.ForAll(writes.ListOf().Resize(5).ToArbitrary(), others =>
        {
            using MemoryStream slot = new();
            using (VerityDataStream data = new(slot))
            {
                // mostly appended, here and there written again or beyond a gap
                WriteAt(data, 0, 300 * Block);
                foreach ((int start, int length) in others)
                {
                    WriteAt(data, start % 3 == 0 ? start : (int)data.Length, length);
                }

                byte[] hashes = data.TakeHashes(slot.Length);
                using MemoryStream again = new();
                slot.WriteTo(again);
                VerityTree.Append(slot, slot.Length, hashes).ShouldBe(VerityTree.Append(again, again.Length));
                slot.ToArray().AsSpan().SequenceEqual(again.ToArray()).ShouldBeTrue();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

        static void WriteAt(VerityDataStream data, int start, int length)
        {
            byte[] bytes = new byte[length];
            new Random(start + length).NextBytes(bytes);
            data.Position = start;
            data.Write(bytes);
        }
    }

    [Fact]
    public void A_damaged_byte_is_named_by_level_and_block()
    {
        long bytes = (128 * 128 * Block) + 5;
        using MemoryStream slot = Slot(bytes);
        VerityInfo info = VerityTree.Append(slot, bytes);
        info.HashBytes.ShouldBe((1 + 2 + 129) * Block);

        Damage(0).ShouldContain("block 0 of the data");
        Damage((1000L * Block) + 17).ShouldContain("block 1000 of the data");
        Damage(bytes + 3).ShouldContain("block 16384 of the data");
        Damage(info.HashOffsetBytes).ShouldContain("block 0 of level 2 of the verity tree");
        Damage(info.HashOffsetBytes + (2 * Block)).ShouldContain("block 1 of level 1 of the verity tree");
        Damage(info.HashOffsetBytes + (3 * Block)).ShouldContain("block 0 of level 0 of the verity tree");
        Damage(info.TotalBytes - 1).ShouldContain("block 128 of level 0 of the verity tree");

        string Damage(long offset)
        {
            slot.GetBuffer()[offset] ^= 0x80;
            MalformedDataException fault = Should.Throw<MalformedDataException>(() => VerityTree.Verify(slot, info, "slot"));
            slot.GetBuffer()[offset] ^= 0x80;
            fault.Offset.ShouldBe(offset / Block * Block);
            return fault.Message;
        }
    }

    [Fact]
    public void Another_root_hash_is_refused_at_the_top_of_the_tree()
    {
        using MemoryStream slot = Slot(5 * Block);
        VerityInfo info = VerityTree.Append(slot, 5 * Block) with { RootHash = new string('0', 64) };
        Should.Throw<MalformedDataException>(() => VerityTree.Verify(slot, info, "slot")).Message.ShouldContain("level 0");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(6)]
    [InlineData(long.MaxValue)]
    public void A_block_count_that_the_slot_cannot_hold_is_refused(long blocks)
    {
        using MemoryStream slot = Slot(5 * Block);
        VerityInfo info = VerityTree.Append(slot, 5 * Block) with { DataBlocks = blocks };
        Should.Throw<MalformedDataException>(() => VerityTree.Verify(slot, info, "slot")).Message.ShouldContain("do not fit");
    }

    [Fact]
    public void The_same_data_gives_the_same_tree()
    {
        using MemoryStream one = Slot(200 * Block), two = Slot(200 * Block);
        VerityTree.Append(one, 200 * Block).ShouldBe(VerityTree.Append(two, 200 * Block));
        one.ToArray().ShouldBe(two.ToArray());
    }

    private static VerityInfo AppendTo(string path, long bytes)
    {
        using FileStream slot = new(path, FileMode.Create, FileAccess.ReadWrite);
        using MemoryStream data = Slot(bytes);
        data.CopyTo(slot);
        return VerityTree.Append(slot, bytes);
    }

    private static MemoryStream Slot(long bytes)
    {
        MemoryStream slot = new();
        byte[] data = new byte[bytes];
        new Random(7).NextBytes(data);
        slot.Write(data);
        slot.Position = 0;
        return slot;
    }

    private static JudgeResult VeritySetup(string path, VerityInfo info) => Judge.Try(
        "veritysetup",
        "verify",
        "--no-superblock",
        "--hash=sha256",
        "--data-block-size=4096",
        "--hash-block-size=4096",
        $"--data-blocks={info.DataBlocks}",
        $"--hash-offset={info.HashOffsetBytes}",
        $"--salt={info.Salt}",
        path,
        path,
        info.RootHash);
}
