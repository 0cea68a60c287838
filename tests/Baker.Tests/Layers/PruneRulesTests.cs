using Images.Baker.Layers;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Tests.Layers;

public sealed class PruneRulesTests
{
    private static readonly PruneRules _rules = PruneRules.Parse(
        ["drop usr/share/doc", "keep usr/share/doc/*/copyright", "drop usr/lib/**/*.a", "drop /usr/share/man/", "drop etc/cron.?aily/*"]);

    [Theory]
    [InlineData("usr/share/doc", true)]
    [InlineData("usr/share/doc/bash/README", true)]
    [InlineData("usr/share/doc/bash/copyright", false)]
    [InlineData("usr/share/doc/bash/old/copyright", true)]
    [InlineData("usr/share/docs", false)]
    [InlineData("usr/share/man/man1/ls.1", true)]
    [InlineData("usr/lib/libc.a", false)]
    [InlineData("usr/lib/x/libc.a", true)]
    [InlineData("usr/lib/x/y/libc.a", true)]
    [InlineData("usr/lib/x/y/libc.a.txt", false)]
    [InlineData("etc/cron.daily", false)]
    [InlineData("etc/cron.daily/apt", true)]
    [InlineData("usr/bin/[", false)]
    public void The_last_rule_that_matches_decides(string path, bool dropped) => _rules.Drops(TreePath.Parse(path)).ShouldBe(dropped);

    [Theory]
    [InlineData("remove usr")]
    [InlineData("drop")]
    [InlineData("drop /")]
    [InlineData("drop ../etc")]
    public void What_is_no_rule_is_refused(string text) => Should.Throw<FormatException>(() => PruneRule.Parse(text));

    [Fact]
    public void Rules_are_part_of_a_layers_key()
    {
        Digest artefact = Digest.Sha256("artefact"u8);
        string plain = LayerKey.Of(artefact, PruneRules.None).Hex;
        LayerKey.Of(artefact, _rules).Hex.ShouldNotBe(plain);
        LayerKey.Of(artefact, PruneRules.Parse(_rules.Rules.Select(rule => rule.ToString()))).Hex.ShouldBe(LayerKey.Of(artefact, _rules).Hex);
        LayerKey.Of(Digest.Sha256("another"u8), PruneRules.None).Hex.ShouldNotBe(plain);
    }
}
