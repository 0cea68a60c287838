using System.Text;
using System.Text.RegularExpressions;

namespace Images.NodeConfig.Templates;

/// <summary>
/// Text with <c>{{name}}</c> and <c>{{each peers}}…{{end}}</c> (or <c>{{each peers ","}}</c> with a separator), and
/// nothing else. A line that holds nothing but <c>{{each …}}</c> or <c>{{end}}</c> leaves no line behind.
/// </summary>
public static partial class Template
{
    private const string Peer = "peer.";
    /// <param name="values">What it may use.</param>
    /// <exception cref="ConfigurationException">
    /// With line and column: an unknown name, a loop that is not closed, or a placeholder of no known form.
    /// </exception>
    public static string Render(string text, string sourceName, TemplateValues values)
    {
        ArgumentNullException.ThrowIfNull(text);
        Source source = new(text, sourceName, values);
        RefuseOtherForms(source);
        StringBuilder output = new();
        RenderRange(source, 0, text.Length, peer: null, output);
        return output.ToString();
    }

    /// <summary>A misspelt placeholder must not reach a file as it stands.</summary>
    private static void RefuseOtherForms(Source source)
    {
        Match? other = Braces().Matches(source.Text).FirstOrDefault(braces => !Tag().IsMatch(braces.Value));
        if (other is not null)
        {
            throw source.Error(
                other.Index,
                $"'{other.Value}' is no placeholder.",
                "Write {{name}}, {{each list}}, {{each list \",\"}} or {{end}}.");
        }
    }

    private static void RenderRange(
        Source source, int from, int to, IReadOnlyDictionary<string, string>? peer, StringBuilder output)
    {
        int position = from;
        while (position < to)
        {
            Match tag = Tag().Match(source.Text, position, to - position);
            output.Append(source.Text, position, (tag.Success ? tag.Index : to) - position);
            if (!tag.Success)
            {
                return;
            }

            string word = tag.Groups["word"].Value;
            if (word == "end")
            {
                throw source.Error(tag.Index, "'{{end}}' closes nothing.", "Remove it, or add '{{each …}}' above.");
            }

            if (word == "each")
            {
                position = RenderLoop(source, tag, to, peer, output);
                continue;
            }

            output.Append(Value(source, tag, word, peer));
            position = tag.Index + tag.Length;
        }
    }

    private static int RenderLoop(
        Source source, Match tag, int to, IReadOnlyDictionary<string, string>? outer, StringBuilder output)
    {
        if (outer is not null)
        {
            throw source.Error(tag.Index, "A loop stands in a loop.", "Close the first one with '{{end}}'.");
        }

        string name = tag.Groups["list"].Value;
        if (!source.Values.Lists.TryGetValue(name, out IReadOnlyList<IReadOnlyDictionary<string, string>>? list))
        {
            throw source.Error(
                tag.Index,
                $"There is no list '{name}'.",
                $"Lists are: {string.Join(", ", source.Values.Lists.Keys.Order(StringComparer.Ordinal))}.");
        }

        int body = AfterTag(source.Text, tag, output);
        Match end = EndTag().Match(source.Text, body, to - body);
        if (!end.Success)
        {
            throw source.Error(tag.Index, "'{{each}}' is not closed.", "Add '{{end}}'.");
        }

        string separator = tag.Groups["separator"].Value;
        int bodyEnd = StandsAlone(source.Text, end) ? LineStart(source.Text, end.Index) : end.Index;
        for (int index = 0; index < list.Count; index++)
        {
            output.Append(index > 0 ? separator : "");
            RenderRange(source, body, bodyEnd, list[index], output);
        }

        return StandsAlone(source.Text, end) ? NextLine(source.Text, end) : end.Index + end.Length;
    }

    /// <summary>Where the loop's body begins; takes back the blanks before a tag that stands alone.</summary>
    private static int AfterTag(string text, Match tag, StringBuilder output)
    {
        if (!StandsAlone(text, tag))
        {
            return tag.Index + tag.Length;
        }

        output.Length -= tag.Index - LineStart(text, tag.Index);
        return NextLine(text, tag);
    }

    private static string Value(Source source, Match tag, string name, IReadOnlyDictionary<string, string>? peer)
    {
        IReadOnlyDictionary<string, string> values = source.Values.Values;
        string key = name;
        if (name.StartsWith(Peer, StringComparison.Ordinal))
        {
            values = peer
                ?? throw source.Error(
                    tag.Index, $"'{name}' stands outside a loop.", "Use it between '{{each …}}' and '{{end}}'.");
            key = name[Peer.Length..];
        }

        return values.TryGetValue(key, out string? value)
            ? value
            : throw source.Error(
                tag.Index,
                $"There is no value '{name}'.",
                $"Values are: {string.Join(", ", values.Keys.Order(StringComparer.Ordinal))}.");
    }

    private static bool StandsAlone(string text, Match tag) =>
        string.IsNullOrWhiteSpace(text[LineStart(text, tag.Index)..tag.Index])
        && string.IsNullOrWhiteSpace(text[(tag.Index + tag.Length)..LineEnd(text, tag)]);

    private static int LineStart(string text, int index) => index == 0 ? 0 : text.LastIndexOf('\n', index - 1) + 1;

    private static int LineEnd(string text, Match tag)
    {
        int end = text.IndexOf('\n', tag.Index + tag.Length);
        return end < 0 ? text.Length : end;
    }

    private static int NextLine(string text, Match tag) => Math.Min(LineEnd(text, tag) + 1, text.Length);

    [GeneratedRegex(
        """\{\{\s*(?:(?<word>each)\s+(?<list>[A-Za-z][A-Za-z0-9.-]*)(?:\s+"(?<separator>[^"\n]*)")?"""
        + """|(?<word>[A-Za-z][A-Za-z0-9.-]*))\s*\}\}""")]
    private static partial Regex Tag();

    [GeneratedRegex("""\{\{[^{}\n]*\}\}""")]
    private static partial Regex Braces();

    [GeneratedRegex("""\{\{\s*end\s*\}\}""")]
    private static partial Regex EndTag();

    private sealed record Source(string Text, string Name, TemplateValues Values)
    {
        public ConfigurationException Error(int index, string problem, string remedy) => new(
            Name, Text.AsSpan(0, index).Count('\n') + 1, index - LineStart(Text, index) + 1, problem, remedy);
    }
}
