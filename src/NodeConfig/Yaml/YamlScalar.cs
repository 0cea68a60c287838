namespace Images.NodeConfig.Yaml;

/// <summary>Text, quoted or plain. Only a plain scalar can mean null, true, false or a number.</summary>
public sealed class YamlScalar(string sourceName, int line, int column, string value, bool isPlain)
    : YamlNode(sourceName, line, column)
{
    public string Value { get; } = value;

    public bool IsPlain { get; } = isPlain;

    /// <summary>As YAML 1.2's core schema (10.3.2) writes it.</summary>
    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";

    public override string Kind => IsNull ? "nothing" : "text";
}
