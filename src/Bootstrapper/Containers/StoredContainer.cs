namespace Images.Bootstrapper.Containers;

/// <summary>An image in containerd's store, as <c>ctr images list</c> prints it.</summary>
internal sealed record StoredContainer(string Name, string Digest, IReadOnlyDictionary<string, string> Labels)
{
    private const int NameField = 0;
    private const int DigestField = 2;
    private const int FewestFields = 5;

    /// <summary>Every image of the list; the first line is its heading.</summary>
    /// <exception cref="FormatException">It is no such list.</exception>
    public static IReadOnlyList<StoredContainer> ParseList(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length > 0 && Fields(lines[0]) is ["REF", "TYPE", "DIGEST", .., "LABELS"]
            ? [.. lines[1..].Select(Parse)]
            : throw new FormatException("ctr does not print the heading REF, TYPE, DIGEST … LABELS");
    }

    // the size may be two words, so what follows it is counted from the end
    private static StoredContainer Parse(string line)
    {
        string[] fields = Fields(line);
        return fields.Length >= FewestFields && fields[DigestField].StartsWith("sha256:", StringComparison.Ordinal)
            ? new StoredContainer(fields[NameField], fields[DigestField], ParseLabels(fields[^1]))
            : throw new FormatException($"ctr prints a line that is no image: {line}");
    }

    private static Dictionary<string, string> ParseLabels(string text) => text
        .Split(',').Select(label => label.Split('=', 2)).Where(label => label.Length == 2)
        .DistinctBy(label => label[0], StringComparer.Ordinal)
        .ToDictionary(label => label[0], label => label[1], StringComparer.Ordinal);

    private static string[] Fields(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
