using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Tree;
using Images.TestSupport;

using Images.Formats.Fat32;

namespace Images.Formats.Tests.Fat32;

public class Fat32ReaderTests
{
    private const int Size = 34 << 20;

    private static readonly Fat32Geometry _geometry = Fat32Geometry.For(Size);

    [Fact]
    public void A_damaged_byte_is_named_by_its_region()
    {
        byte[] volume = Volume();
        (long Offset, string Name)[] damages =
        [
            (0, "boot sector"),
            (13, "boot sector"),
            (36, "boot sector"),
            (72, "boot sector and its copy"),
            (512, "FSInfo"),
            (512 + 488, "FSInfo"),
            ((6 * 512) + 100, "copy in sector 6"),
            (_geometry.FatOffset(0), "two FATs differ"),
            (_geometry.FatOffset(0) + 9, "two FATs differ at the entry of cluster 2"),
            (_geometry.FatOffset(1) + 5000, "two FATs differ"),
            (_geometry.ClusterOffset(2), "volume label"),
            (_geometry.ClusterOffset(2) + 32 + 26, "long name"),
            (_geometry.ClusterOffset(2) + 64 + 12, "case"),
            (_geometry.ClusterOffset(2) + 64 + 26, "'.' and '..'"),
            (_geometry.ClusterOffset(2) + 400, "holds bytes behind its end"),
            (_geometry.ClusterOffset(3) + 26, "'.' and '..'"),
            (_geometry.ClusterOffset(3) + 64 + 13, "long name"),
            (_geometry.ClusterOffset(3) + 128 + 1, "long name"),
            (_geometry.ClusterOffset(3) + 128 + 29, "clusters, but a chain of"),
        ];
        foreach ((long offset, string name) in damages)
        {
            volume[offset] ^= 0x04;
            MalformedDataException fault = Should.Throw<MalformedDataException>(() => Fat32Reader.Read(new MemoryStream(volume), "esp"), $"offset {offset}");
            fault.Message.ShouldContain(name, customMessage: $"offset {offset}");
            volume[offset] ^= 0x04;
        }

        Fat32Reader.Read(new MemoryStream(volume), "esp").Tree.Count.ShouldBe(4);
    }

    [Fact]
    public void A_chain_that_bites_its_tail_is_refused()
    {
        byte[] volume = Volume();
        for (uint copy = 0; copy < 2; copy++)
        {
            volume[_geometry.FatOffset(copy) + (6 * 4)] = 4;
        }

        Should.Throw<MalformedDataException>(() => Fat32Reader.Read(new MemoryStream(volume), "esp")).Message.ShouldContain("to another file");
    }

    [Fact]
    public void A_used_cluster_without_a_file_is_refused()
    {
        byte[] volume = Volume();
        for (uint copy = 0; copy < 2; copy++)
        {
            volume[_geometry.FatOffset(copy) + (5000 * 4)] = 7;
        }

        Should.Throw<MalformedDataException>(() => Fat32Reader.Read(new MemoryStream(volume), "esp")).Message.ShouldContain("belongs to no file");
    }

    [Fact]
    public void A_changed_file_shows_in_the_content_digest()
    {
        byte[] volume = Volume();
        Fat32Volume before = Fat32Reader.Read(new MemoryStream(volume), "esp");
        Fat32ContentDigest.Serial(Fat32ContentDigest.Of(before.Tree)).ShouldBe(before.Serial);
        volume[_geometry.ClusterOffset(5)] ^= 1;
        Fat32Volume after = Fat32Reader.Read(new MemoryStream(volume), "esp");
        Fat32ContentDigest.Serial(Fat32ContentDigest.Of(after.Tree)).ShouldNotBe(after.Serial);
    }

    [Fact]
    public void Random_bytes_never_do_worse_than_being_named()
    {
        byte[] volume = Volume();
        long metadataEnd = _geometry.ClusterOffset(4);
        Gen<(int, byte)[]> damages = Gen.Zip(Gen.Choose(0, (int)metadataEnd - 1), Gen.Choose(1, 255).Select(value => (byte)value)).ArrayOf(3);
        Prop.ForAll(damages.ToArbitrary(), items =>
        {
            Flip(items);
            try
            {
                Fat32Reader.Read(new MemoryStream(volume), "esp");
            }
            catch (MalformedDataException)
            {
                // named, which is all that is asked
            }

            Flip(items);
        }).QuickCheckThrowOnFailure();

        void Flip((int Offset, byte Mask)[] items)
        {
            foreach ((int offset, byte mask) in items)
            {
                volume[offset] ^= mask;
            }
        }
    }

    [Fact]
    public void A_volume_that_mkfs_made_reads_too()
    {
        using TemporaryFolder folder = new();
        using (FileStream file = File.Create(folder["esp"]))
        {
            file.SetLength(64 << 20);
        }

        File.WriteAllText(folder["hello"], "hello");
        Judge.Run("mkfs.vfat", "-F", "32", "-n", "OTHER", folder["esp"]);
        Judge.Run("mmd", "-i", folder["esp"], "::/sub");
        Judge.Run("mcopy", "-i", folder["esp"], folder["hello"], "::/sub/Some longer name.txt");
        using FileStream volume = File.OpenRead(folder["esp"]);
        Fat32Volume read = Fat32Reader.Read(volume, "esp");
        read.Label.ShouldBe("OTHER");
        System.Text.Encoding.UTF8.GetString(read.Tree.ReadFile("sub/Some longer name.txt")).ShouldBe("hello");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(8192)]
    public void A_volume_cut_short_is_refused(int length) =>
        Should.Throw<MalformedDataException>(() => Fat32Reader.Read(new MemoryStream(Volume()[..length]), "esp"));

    /// <summary>Cluster 2 is the root, 3 the folder, 4 to 7 the file in it, 8 the small file.</summary>
    private static byte[] Volume()
    {
        FileTreeBuilder builder = new(1_700_000_000);
        builder.AddFile("a/long file name", new MemoryContent(Enumerable.Repeat((byte)'x', 2000).ToArray()));
        builder.AddText("b", "small");
        using MemoryStream volume = new();
        Fat32Writer.Write(builder.Build(), new Fat32Options { SizeBytes = Size, TimeUnixSeconds = 1_700_000_000 }, volume);
        return volume.ToArray();
    }
}
