using System.Text.RegularExpressions;

namespace Images.NodeConfig.Kubernetes;

/// <summary>
/// What keeps pods away from a Node that do not bear it, as kubectl writes it: <c>key=value:NoSchedule</c>.
/// </summary>
public sealed partial record NodeTaint(string Key, string Value, string Effect)
{
    /// <summary>Null where the text is none.</summary>
    public static NodeTaint? TryParse(string text)
    {
        Match match = Form().Match(text);
        return match.Success
            ? new NodeTaint(match.Groups["key"].Value, match.Groups["value"].Value, match.Groups["effect"].Value)
            : null;
    }

    /// <summary>The letters that it may hold need no escape.</summary>
    public string ToJson() =>
        $$"""{"key": "{{Key}}", {{(Value.Length == 0 ? "" : $"\"value\": \"{Value}\", ")}}"effect": "{{Effect}}"}""";

    public override string ToString() => $"{Key}{(Value.Length == 0 ? "" : $"={Value}")}:{Effect}";

    [GeneratedRegex(
        @"\A(?<key>([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)"
            + @"(=(?<value>[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?))?"
            + @":(?<effect>NoSchedule|PreferNoSchedule|NoExecute)\z")]
    private static partial Regex Form();
}
