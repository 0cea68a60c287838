using System.Text;
using Images.Baker.Boot.Initramfs;
using Images.Baker.Inspect;
using Images.Formats;
using Images.Formats.Cpio;
using Images.Formats.Tree;
using Images.Formats.Verity;

namespace Images.Baker.Tests.Inspect;

public class VerityFileTests
{
    private static readonly VerityInfo _verity = new() { RootHash = new string('a', 64), Salt = new string('b', 64), DataBlocks = 77 };

    [Fact]
    public void What_the_initramfs_builder_appends_is_read_back() =>
        VerityFile.Read(InitramfsBuilder.Combine(new byte[4000], _verity), "initrd").ShouldBe(_verity);

    [Fact]
    public void An_initrd_without_the_file_is_refused() =>
        Should.Throw<MalformedDataException>(() => VerityFile.Read(new byte[4000], "initrd")).Message.ShouldContain("no file etc/verity");

    [Fact]
    public void An_initrd_cut_anywhere_is_refused_or_still_whole()
    {
        byte[] initrd = InitramfsBuilder.Combine(new byte[16], _verity);
        for (int length = 0; length < initrd.Length; length++)
        {
            try
            {
                VerityFile.Read(initrd.AsSpan(0, length), "initrd").ShouldBe(_verity);
            }
            catch (MalformedDataException fault)
            {
                fault.File.ShouldBe("initrd");
            }
        }
    }

    [Theory]
    [InlineData("ROOT_HASH=abc\n")]
    [InlineData("no assignment\n")]
    [InlineData("")]
    [InlineData("ROOT_HASH=@\nROOT_HASH=@\n")]
    [InlineData("ROOT_HASH=@\nSALT=@\nDATA_BLOCKS=0\nHASH_START_BLOCK=0\n")]
    [InlineData("ROOT_HASH=@\nSALT=@\nDATA_BLOCKS=5\nHASH_START_BLOCK=6\n")]
    [InlineData("ROOT_HASH=@\nSALT=short\nDATA_BLOCKS=5\nHASH_START_BLOCK=5\n")]
    public void A_file_that_no_bake_writes_is_refused(string text)
    {
        FileTreeBuilder builder = new(0);
        builder.AddFile("etc/verity", new MemoryContent(Encoding.ASCII.GetBytes(text.Replace("@", new string('a', 64), StringComparison.Ordinal))));
        using MemoryStream archive = new();
        CpioWriter.Write(builder.Build(), archive);
        Should.Throw<MalformedDataException>(() => VerityFile.Read(archive.ToArray(), "initrd")).Message.ShouldContain("etc/verity");
    }
}
