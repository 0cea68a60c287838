using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Ar;
using Images.TestSupport;

namespace Images.Formats.Tests.Ar;

public sealed class ArReaderTests
{
    [Fact]
    public void What_ar_made_is_read_with_its_names_sizes_and_contents()
    {
        using TemporaryFolder folder = new();
        int[] sizes = [0, 1, 2, 59, 60, 61, 70_001];
        string[] files = [.. sizes.Select(size => folder[$"size-{size}"])];
        foreach ((int size, string file) in sizes.Zip(files))
        {
            File.WriteAllBytes(file, SampleData.Mixed(size));
        }

        Judge.Run("ar", ["rcD", folder["made.a"], .. files]);
        using FileStream archive = File.OpenRead(folder["made.a"]);
        IReadOnlyList<ArMember> members = ArReader.Read(archive, "made.a");
        members.Select(member => member.Name).ShouldBe(files.Select(file => Path.GetFileName(file)));
        members.ShouldAllBe(member => member.Mode == 0x1A4 || member.Mode == 0x81A4);
        foreach ((int size, ArMember member) in sizes.Zip(members))
        {
            Content(member).ShouldBe(SampleData.Mixed(size));
        }
    }

    [Fact]
    public void Two_members_may_be_read_in_turns()
    {
        IReadOnlyList<ArMember> members = Read(Archive(("a", "one"), ("b", "second")));
        using Stream a = members[0].OpenRead(), b = members[1].OpenRead();
        char[] read = [(char)a.ReadByte(), (char)b.ReadByte(), (char)a.ReadByte(), (char)b.ReadByte()];
        new string(read).ShouldBe("osne");
    }

    [Theory]
    [InlineData("#1/20")]
    [InlineData("//")]
    [InlineData("/")]
    [InlineData("/12")]
    [InlineData("../etc")]
    [InlineData("")]
    public void A_name_that_no_package_has_is_refused(string name) =>
        Should.Throw<MalformedDataException>(() => Read(Archive((name, "x"))));

    [Fact]
    public void An_archive_cut_off_anywhere_is_refused()
    {
        byte[] archive = Archive(("a", "one"), ("b", "second!"));
        int firstEnd = Archive(("a", "one")).Length;
        for (int length = 0; length < archive.Length; length++)
        {
            if (length != 8 && length != firstEnd)
            {
                Should.Throw<MalformedDataException>(() => Read(archive[..length]), $"cut off at {length}");
            }
        }
    }

    [Fact]
    public void Flipped_bytes_give_a_table_or_a_refusal_but_never_another_exception()
    {
        byte[] archive = Archive(("a", "one"), ("b", "second!"));
        Prop.ForAll(Gen.Choose(0, archive.Length - 1).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (place, value) =>
        {
            byte[] changed = [.. archive];
            changed[place] = (byte)value;
            try
            {
                foreach (ArMember member in Read(changed))
                {
                    Content(member).LongLength.ShouldBe(member.Size);
                }
            }
            catch (MalformedDataException)
            {
                // the other allowed outcome
            }
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Archive(params (string Name, string Content)[] members) => Encoding.ASCII.GetBytes(
        "!<arch>\n" + string.Concat(members.Select(member =>
            $"{member.Name,-16}{0,-12}{0,-6}{0,-6}{"100644",-8}{member.Content.Length,-10}`\n{member.Content}{(member.Content.Length % 2 == 0 ? "" : "\n")}")));

    private static IReadOnlyList<ArMember> Read(byte[] archive) => ArReader.Read(new MemoryStream(archive), "test.a");

    private static byte[] Content(ArMember member)
    {
        using Stream content = member.OpenRead();
        byte[] bytes = new byte[member.Size];
        content.ReadExactly(bytes);
        content.ReadByte().ShouldBe(-1);
        return bytes;
    }
}
