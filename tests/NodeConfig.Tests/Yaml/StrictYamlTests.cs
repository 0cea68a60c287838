using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Tests.Yaml;

public sealed class StrictYamlTests
{
    [Fact]
    public void Keys_and_values_know_their_lines_and_columns()
    {
        YamlMapping root = StrictYaml.Parse("a: 1\nb:\n  - x\n  - {c: 'd'}\n", "t").ShouldBeOfType<YamlMapping>();
        root.Entries.Select(entry => (entry.Key.Value, entry.Key.Line, entry.Key.Column)).ShouldBe([("a", 1, 1), ("b", 2, 1)]);
        YamlSequence list = root.Find("b")!.Value.ShouldBeOfType<YamlSequence>();
        list.Items[0].ShouldBeOfType<YamlScalar>().Column.ShouldBe(5);
        YamlScalar quoted = list.Items[1].ShouldBeOfType<YamlMapping>().Find("c")!.Value.ShouldBeOfType<YamlScalar>();
        (quoted.Value, quoted.IsPlain, quoted.Line, quoted.Column).ShouldBe(("d", false, 4, 9));
    }

    [Theory]
    [InlineData("a: &x 1\nb: *x\n", 1, 4, "anchor")]
    [InlineData("b: *x\n", 1, 4, "alias")]
    [InlineData("a: !!int 1\n", 1, 4, "tag")]
    [InlineData("a: !x 1\n", 1, 4, "tag")]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, 1, "'a' stands twice; first on line 1")]
    [InlineData("a: 1\n---\nb: 2\n", 2, 1, "second document")]
    [InlineData("[a]: 1\n", 1, 1, "A key must be text")]
    [InlineData("a: 1\nb\u0007: 2\n", 2, 2, "U+0007")]
    [InlineData("", 1, 1, "empty")]
    [InlineData("# nothing\n", 1, 1, "empty")]
    [InlineData("a: [1, 2\nb: 3\n", 2, 1, "not YAML")]
    [InlineData("a: 'x\n", 1, 4, "not YAML")]
    [InlineData("a: b: c\n", 1, 5, "not YAML")]
    [InlineData("a:\n\t- b\n", 2, 1, "found invalid tab")]
    [InlineData("a: 1\nnode:\n\tcluster: demo\n", 3, 1, "found invalid tab")]
    [InlineData("a: 1\nb:\n- c: |\n\t\ta\n", 4, 1, "found invalid tab")]
    [InlineData("a: 1\nb:\n  - c\n  \t \nd: 1\n", 4, 3, "found a tab character")]
    [InlineData("a: !<[> {}\n", 1, 4, "a tag (!) cannot be what stands here")]
    [InlineData("a: 1\nb: [!!tch]\n", 2, 6, "a tag (!) cannot be what stands here")]
    [InlineData("node:\n\u00a0\u00a0cluster: demo\n", 2, 1, "The key '<U+00A0><U+00A0>cluster' holds the invisible character U+00A0")]
    [InlineData("a:\n  clus\u200bter: demo\n", 2, 7, "The key 'clus<U+200B>ter' holds the invisible character U+200B")]
    [InlineData("a: 1\n\ufeffb: 1\n", 2, 1, "U+FEFF")]
    public void A_text_outside_the_subset_is_refused_with_its_place(string text, int line, int column, string problem)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => StrictYaml.Parse(text, "user-data"));
        error.Message.ShouldContain(problem);
        error.Message.ShouldStartWith($"user-data:{error.Line}:{error.Column}  ");
        (error.Line, error.Column).ShouldBe((line, column), error.Message);
    }

    [Fact]
    public void Sixty_four_levels_are_read_and_sixty_five_are_refused()
    {
        StrictYaml.Parse(new string('[', 64) + new string(']', 64), "t").ShouldBeOfType<YamlSequence>();
        Should.Throw<ConfigurationException>(() => StrictYaml.Parse(new string('[', 65) + new string(']', 65), "t")).Column.ShouldBe(65);
    }

    public static TheoryData<string, string> Bombs => new()
    {
        { "flow lists", new string('[', 200_000) },
        { "closed flow lists", new string('[', 200_000) + new string(']', 200_000) },
        { "flow lists, one a line", string.Concat(Enumerable.Repeat("[\n", 200_000)) },
        { "flow mappings", string.Concat(Enumerable.Repeat("{a: ", 200_000)) },
        { "block lists", string.Concat(Enumerable.Repeat("- ", 200_000)) },
        { "question marks", string.Concat(Enumerable.Repeat("? ", 200_000)) },
        { "deeper lines", DeeperLines(1400) },
        { "beside a key", "a: " + new string('[', 200_000) },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_bracket_bomb_gives_one_error_quickly(string name, string text)
    {
        Stopwatch watch = Stopwatch.StartNew();
        ConfigurationException error = Should.Throw<ConfigurationException>(() => StrictYaml.Parse(text, name));
        error.Message.ShouldContain("nested more than 64 levels");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_text_above_one_mebibyte_is_refused() =>
        Should.Throw<ConfigurationException>(() => StrictYaml.Parse("a: " + new string('ä', 600_000), "t")).Message.ShouldContain("1 MiB");

    [Fact]
    public void Whatever_the_text_the_outcome_is_a_tree_or_a_configuration_error()
    {
        string[] pieces = ["a", ": ", "\n", "  ", "- ", "[", "]", "{", "}", ",", "'", "\"", "|", ">", "#", "&x ", "*x", "!t ", "%", "---", "...", "\t", "\\", "é", "? ", "\r", "@", "`", "0", "~", "|2-", "!", "!!", "!<", "/", "\ud83d", "<<"];
        Prop.ForAll(Gen.Elements(pieces).ArrayOf().Select(parts => string.Concat(parts)).ToArbitrary(), text =>
        {
            try
            {
                _ = StrictYaml.Parse(text, "t");
            }
            catch (ConfigurationException error)
            {
                return error.Line >= 1 && error.Column >= 1;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    private static string DeeperLines(int levels)
    {
        StringBuilder text = new();
        for (int level = 0; level < levels; level++)
        {
            text.Append(' ', level).Append("a:\n");
        }

        return text.ToString();
    }
}
