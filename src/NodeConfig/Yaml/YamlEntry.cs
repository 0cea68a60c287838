namespace Images.NodeConfig.Yaml;

/// <summary>One key of a mapping with its value. The key knows its own position.</summary>
public sealed record YamlEntry(YamlScalar Key, YamlNode Value);
