namespace Images.NodeConfig.Yaml;

/// <summary>A list in the order of the text.</summary>
public sealed class YamlSequence(string sourceName, int line, int column, IReadOnlyList<YamlNode> items)
    : YamlNode(sourceName, line, column)
{
    public IReadOnlyList<YamlNode> Items { get; } = items;

    public override string Kind => "a list";
}
