using FsCheck;
using FsCheck.Fluent;

namespace Images.NodeConfig.Tests;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("404 \u001b[31mEVIL\u0007", "404  [31mEVIL ")]
    [InlineData("\u001b]0;owned\u0007\r", " ]0;owned  ")]
    [InlineData("\u009b31m\u0085\u007f\t", " 31m   ")]
    [InlineData("é ü €\nnext", "é ü €\nnext")]
    public void Control_characters_become_blanks_and_the_rest_stays(string text, string plain) =>
        PlainText.Of(text).ShouldBe(plain);

    [Fact]
    public void Whatever_is_written_and_however_no_control_character_but_line_feed_comes_through() =>
        Prop.ForAll<NonNull<string>, char>((text, character) =>
        {
            StringWriter terminal = new();
            using (PlainTextWriter writer = new(terminal))
            {
                writer.Write(text.Get);
                writer.Write(character);
                writer.WriteLine(text.Get);
                writer.Write(text.Get.ToCharArray());
                writer.Write(text.Get.AsSpan());
                writer.Write("{0}{1}", text.Get, character);
                writer.WriteLineAsync(text.Get).Wait();
            }

            return !terminal.ToString().Any(shown => char.IsControl(shown) && shown != '\n');
        }).QuickCheckThrowOnFailure();
}
