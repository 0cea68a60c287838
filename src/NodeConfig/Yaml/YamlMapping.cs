namespace Images.NodeConfig.Yaml;

/// <summary>Entries in the order of the text; no key stands twice.</summary>
public sealed class YamlMapping(string sourceName, int line, int column, IReadOnlyList<YamlEntry> entries)
    : YamlNode(sourceName, line, column)
{
    public IReadOnlyList<YamlEntry> Entries { get; } = entries;

    public override string Kind => "a mapping";

    /// <summary>The same place without any entry, to read defaults from.</summary>
    public YamlMapping WithoutEntries() => new(SourceName, Line, Column, []);

    public YamlEntry? Find(string key) =>
        Entries.FirstOrDefault(entry => entry.Key.Value.Equals(key, StringComparison.Ordinal));
}
