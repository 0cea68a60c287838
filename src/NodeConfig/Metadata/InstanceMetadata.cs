using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>A datasource's <c>meta-data</c> (YAML or JSON): which instance this is. Other keys are not read.</summary>
public sealed record InstanceMetadata
{
    public required string InstanceId { get; init; }

    public string? LocalHostname { get; init; }

    /// <exception cref="ConfigurationException">The text is no mapping or has no instance-id.</exception>
    public static InstanceMetadata Parse(string text, string sourceName)
    {
        MappingReader reader = StrictYaml.ParseMapping(text, sourceName);
        return new InstanceMetadata
        {
            InstanceId = MetadataForms.OneLine(reader.RequiredNode("instance-id"), "instance-id"),
            LocalHostname = reader.OptionalNode("local-hostname") is { } name
                ? MetadataForms.HostName(name, "local-hostname")
                : null,
        };
    }
}
