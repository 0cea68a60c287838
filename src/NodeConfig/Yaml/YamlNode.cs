namespace Images.NodeConfig.Yaml;

/// <summary>A node of a parsed document. Line and column count from 1 and name where the node starts.</summary>
public abstract class YamlNode(string sourceName, int line, int column)
{
    public string SourceName { get; } = sourceName;

    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>What a person would call it: "a mapping", "a list", "text".</summary>
    public abstract string Kind { get; }

    /// <summary>An error that points at this node.</summary>
    public ConfigurationException Error(string problem, string remedy) =>
        new(SourceName, Line, Column, problem, remedy);
}
