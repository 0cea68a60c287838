using FsCheck;
using FsCheck.Fluent;
using Images.Baker.Outputs;
using Images.Formats;
using Images.Formats.Verity;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Tests.Outputs;

public sealed class UpgradeDeltaTests
{
    [Fact]
    public void Whatever_two_roots_hold_the_newer_one_comes_of_the_older_one_and_the_delta() =>
        Prop.ForAll<PositiveInt, int[]>((blocks, changes) =>
        {
            byte[] old = Bytes(blocks.Get * 4096, blocks.Get);
            byte[] data = Changed(old, changes);
            return Rebuild(old, data).SequenceEqual(WithTree(data));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_only_moved_is_copied()
    {
        byte[] old = Bytes(1 << 20, 1);
        byte[] made = [.. Bytes(1000, 2), .. old[500_000..], .. old[..500_000], .. Bytes(3096, 3)];
        DeltaWriter.Write(old, made).Length.ShouldBeLessThan(1000 + 3096 + 100);
        DeltaWriter.Write(old, old).Length.ShouldBe(18, "one copy and the end");
        DeltaWriter.Write(new byte[1 << 20], new byte[1 << 20]).Length.ShouldBe(18);
    }

    [Fact]
    public void Instructions_that_cannot_be_followed_are_refused()
    {
        byte[] old = Bytes(40_960, 1), made = [.. old[8_000..], .. old[..8_000]];
        byte[] good = DeltaWriter.Write(old, made);
        Follow(good, old, made).ShouldBe(made);
        for (int length = 0; length < good.Length; length++)
        {
            Should.Throw<MalformedDataException>(() => Follow(good[..length], old, made), $"{length} of {good.Length}");
        }

        foreach ((int at, byte value) in ((int, byte)[])[(0, 3), (0, 0), (7, 0x7F), (8, 0x80), (15, 0x7F), (16, 0x80), (good.Length - 1, 1)])
        {
            byte[] bad = [.. good];
            bad[at] = value;
            Should.Throw<MalformedDataException>(() => Follow(bad, old, made), $"{value} at {at}");
        }

        Should.Throw<MalformedDataException>(() => Follow([.. good, 0], old, made)).Message.ShouldContain("follows the end");
        Should.Throw<MalformedDataException>(() => Follow(good, old[..^1], made));
    }

    [Fact]
    public void Another_older_root_is_told_before_the_last_bytes_are_given()
    {
        byte[] old = Bytes(40_960, 1), data = Changed(old, [7, 9]);
        byte[] other = [.. old];
        other[30_000] ^= 1;
        Should.Throw<MalformedDataException>(() => Rebuild(other, data, instructionsFor: old)).Message.ShouldContain("SHA-256");
    }

    private static byte[] Rebuild(byte[] old, byte[] data, byte[]? instructionsFor = null)
    {
        byte[] whole = WithTree(data);
        UpgradeManifest manifest = new()
        {
            Name = "node",
            Version = "2",
            Architecture = "amd64",
            RootHash = "",
            RootBytes = whole.Length,
            RootSha256 = Digest.Sha256(whole).Hex,
            Verity = new UpgradeVerity { Salt = Info(data).Salt, DataBlocks = data.Length / 4096, HashStartBlock = data.Length / 4096 },
            SlotBytes = whole.Length,
            UkiBytes = 0,
            UkiSha256 = "",
            Kernel = "6",
        };
        using Stream root = UpgradeDelta.OpenRoot(
            new MemoryStream(DeltaWriter.Write(instructionsFor ?? old, data)), new MemoryStream(old), manifest, "node.upgrade");
        using MemoryStream all = new();
        root.CopyTo(all, 1000);
        return all.ToArray();
    }

    private static byte[] Follow(byte[] instructions, byte[] old, byte[] made)
    {
        UpgradeManifest manifest = new()
        {
            Name = "node",
            Version = "2",
            Architecture = "amd64",
            RootHash = "",
            RootBytes = 0,
            RootSha256 = "",
            Verity = new UpgradeVerity { Salt = "", DataBlocks = 0, HashStartBlock = 0 },
            SlotBytes = 0,
            UkiBytes = made.Length,
            UkiSha256 = Digest.Sha256(made).Hex,
            Kernel = "6",
        };
        using Stream uki = UpgradeDelta.OpenUki(new MemoryStream(instructions), new MemoryStream(old), manifest, "node.upgrade");
        using MemoryStream all = new();
        uki.CopyTo(all, 1000);
        return all.ToArray();
    }

    /// <summary>Parts of the older one in another order, with other bytes between them; whole blocks, at least one.</summary>
    private static byte[] Changed(byte[] old, int[] changes)
    {
        List<byte> made = [];
        foreach (int change in changes)
        {
            Random random = new(change);
            int start = random.Next(old.Length);
            made.AddRange(old[start..(start + random.Next(old.Length - start))]);
            made.AddRange(Bytes(random.Next(3000), change));
        }

        return [.. made, .. new byte[4096 - (made.Count % 4096)]];
    }

    private static byte[] WithTree(byte[] data)
    {
        using MemoryStream slot = new();
        slot.Write(data);
        VerityTree.Append(slot, data.Length);
        return slot.ToArray();
    }

    private static VerityInfo Info(byte[] data)
    {
        using MemoryStream slot = new();
        slot.Write(data);
        return VerityTree.Append(slot, data.Length);
    }

    private static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
