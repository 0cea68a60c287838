using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.Baker.Debian.Packages;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Packages;

public sealed class ControlFileTests
{
    [Fact]
    public void Fields_keep_their_order_and_their_continuation_lines()
    {
        const string Text = "# a comment\nPackage: etcd\nDescription: key value store\n more\n .\n last\nConffiles:\n /etc/a 1\n /etc/b 2\n# inside\n";
        ControlParagraph paragraph = ControlFile.Parse(Text, "control").ShouldHaveSingleItem();
        paragraph.Fields.Select(field => field.Name).ShouldBe(["Package", "Description", "Conffiles"]);
        paragraph["description"].ShouldBe("key value store\n more\n .\n last");
        paragraph.LinesOf("Conffiles").ShouldBe(["/etc/a 1", "/etc/b 2"]);
        paragraph["Absent"].ShouldBeNull();
        paragraph.Line.ShouldBe(2);
    }

    [Fact]
    public void Paragraphs_are_parted_by_lines_without_text()
    {
        ControlParagraph[] paragraphs = [.. ControlFile.Parse("\n\nA: 1\n \t\n\nB: 2\r\n\nC: 3", "index")];
        paragraphs.Select(paragraph => paragraph.ToString()).ShouldBe(["A: 1\n", "B: 2\n", "C: 3\n"]);
        paragraphs.Select(paragraph => paragraph.Line).ShouldBe([3, 6, 8]);
    }

    [Theory]
    [InlineData("A: 1\nno colon here\n", "line 2")]
    [InlineData(" begins with a continuation\n", "line 1")]
    [InlineData("A: 1\na: 2\n", "line 2")]
    [InlineData(": nameless\n", "line 1")]
    [InlineData("-A: 1\n", "line 1")]
    [InlineData("A B: 1\n", "line 1")]
    [InlineData("Ä: 1\n", "line 1")]
    public void A_line_that_is_neither_field_nor_continuation_is_refused_with_its_number(string text, string line) =>
        Should.Throw<MalformedDataException>(() => ControlFile.Parse(text, "Packages")).Message.ShouldContain(line);

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused() =>
        Should.Throw<MalformedDataException>(() => ControlFile.Parse(new MemoryStream([(byte)'A', (byte)':', 0xFF]), "x").Count());

    [Fact]
    public void A_required_field_that_is_absent_or_empty_is_refused_by_name()
    {
        ControlParagraph paragraph = ControlFile.Parse("A: 1\nB:\n", "Packages")[0];
        paragraph.Require("A").ShouldBe("1");
        Should.Throw<MalformedDataException>(() => paragraph.Require("B")).Message.ShouldContain("'B'");
        Should.Throw<MalformedDataException>(() => paragraph.Require("C")).Message.ShouldContain("'C'");
    }

    [Fact]
    public void A_line_without_end_is_refused_before_it_fills_the_memory()
    {
        byte[] endless = Encoding.UTF8.GetBytes("A: " + new string('x', 9 << 20));
        Should.Throw<MalformedDataException>(() => ControlFile.Parse(new MemoryStream(endless), "x").Count());
    }

    [Fact]
    public void What_was_read_is_written_back_the_same()
    {
        Gen<string> value = Gen.Elements("", "1", "a, b", "é\n  two\n .", "\n one\n\ttwo", new string('v', 70_000));
        Gen<string> paragraph = value.NonEmptyListOf().Select(values =>
            string.Concat(values.Select((text, i) => new ControlField($"Field-{i}", text) + "\n")));
        Prop.ForAll(paragraph.ListOf().ToArbitrary(), paragraphs =>
        {
            string text = string.Join('\n', paragraphs);
            using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
            using TricklingStream trickle = new(stream, 4093);
            string.Join('\n', ControlFile.Parse(trickle, "x").Select(read => read.ToString())).ShouldBe(text);
        }).QuickCheckThrowOnFailure();
    }
}
