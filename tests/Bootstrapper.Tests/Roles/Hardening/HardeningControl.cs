using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Roles.Hardening;

/// <summary>A line of docs/hardening.csv; docs/hardening.md says what the columns mean.</summary>
/// <param name="Control">Whose rule it is, with its number.</param>
/// <param name="Component">What has the key; <see cref="HardeningFacts"/> knows where each is read.</param>
/// <param name="Versions">Of Kubernetes, for which it is; null for all.</param>
/// <param name="Reason">Why ours is otherwise, or what else is to be known.</param>
internal sealed record HardeningControl(
    string Control, string Component, string Key, string Operator, string Value, VersionRange? Versions, string Reason)
{
    /// <summary>No file decides it.</summary>
    public const string ByHand = "by hand";

    private const string Head = "control,component,key,operator,value,versions,reason";

    public static IReadOnlyList<HardeningControl> ReadAll(string file)
    {
        string[] lines = File.ReadAllLines(file);
        lines[0].ShouldBe(Head);
        return [.. lines.Skip(1).Select(Parse)];
    }

    private static HardeningControl Parse(string line)
    {
        string[] fields = Fields(line);
        fields.Length.ShouldBe(Head.Split(',').Length, line);
        VersionRange? versions = fields[5].Length == 0 ? null : VersionRange.TryParse(fields[5]).ShouldNotBeNull(line);
        return new HardeningControl(fields[0], fields[1], fields[2], fields[3], fields[4], versions, fields[6]);
    }

    /// <summary>As RFC 4180 quotes them; no field holds an end of line.</summary>
    private static string[] Fields(string line)
    {
        // outside of quotes a comma parts fields; a doubled quote inside shows as two parts that touch
        List<string> fields = [""];
        string[] parts = line.Split('"');
        (parts.Length % 2).ShouldBe(1, $"a quote is open: {line}");
        for (int i = 0; i < parts.Length; i++)
        {
            bool isQuoted = i % 2 == 1;
            bool isDoubledQuote = !isQuoted && i > 0 && i < parts.Length - 1 && parts[i].Length == 0;
            string[] pieces = isQuoted ? [parts[i]] : isDoubledQuote ? ["\""] : parts[i].Split(',');
            fields[^1] += pieces[0];
            fields.AddRange(pieces[1..]);
        }

        return [.. fields];
    }
}
