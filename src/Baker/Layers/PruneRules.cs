using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>
/// Which paths of an artefact stay out of the image. The last rule that matches decides; what none matches stays. A
/// directory that is dropped stands all the same where something below it is kept.
/// </summary>
internal sealed class PruneRules(IReadOnlyList<PruneRule> rules)
{
    public static PruneRules None { get; } = new([]);

    public IReadOnlyList<PruneRule> Rules { get; } = rules;

    /// <summary>Reads lines such as <c>drop usr/share/doc/**</c> and <c>keep usr/share/doc/*/copyright</c>.</summary>
    /// <exception cref="FormatException">A line is no rule.</exception>
    public static PruneRules Parse(IEnumerable<string> lines) => new([.. lines.Select(PruneRule.Parse)]);

    public bool Drops(TreePath path)
    {
        for (int i = Rules.Count - 1; i >= 0; i--)
        {
            if (Rules[i].Glob.Matches(path))
            {
                return !Rules[i].Keeps;
            }
        }

        return false;
    }

    /// <summary>One rule a line: part of a layer's key.</summary>
    public override string ToString() => string.Join('\n', Rules);
}
