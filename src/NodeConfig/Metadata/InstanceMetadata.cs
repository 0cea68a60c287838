using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>A datasource's <c>meta-data</c> (YAML or JSON): which instance this is. Other keys are not read.</summary>
public sealed record InstanceMetadata
{
    /// <summary>
    /// Of an instance whose meta-data does not say one, as many are made: cloud-init's NoCloud calls it the same.
    /// </summary>
    public const string DefaultInstanceId = "nocloud";

    private const string IdKey = "instance-id";
    private const string NameKey = "local-hostname";

    public required string InstanceId { get; init; }

    /// <summary>Null as well where the hypervisor's name of the machine is none that it could have.</summary>
    public string? LocalHostname { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <exception cref="ConfigurationException">The text is no mapping, or a value cannot be.</exception>
    public static InstanceMetadata Parse(string text, string sourceName)
    {
        if (StrictYaml.ParseDocuments(text, sourceName, StrictYaml.MaximumBytes).Count == 0)
        {
            return new InstanceMetadata { InstanceId = DefaultInstanceId };
        }

        MappingReader reader = StrictYaml.ParseMapping(text, sourceName);
        List<string> warnings = [];
        return new InstanceMetadata
        {
            InstanceId = ReadId(reader, warnings),
            LocalHostname = reader.OptionalNode(NameKey) is { } name ? ReadName(name, warnings) : null,
            Warnings = warnings,
        };
    }

    private static string ReadId(MappingReader reader, List<string> warnings)
    {
        if (reader.OptionalNode(IdKey) is { } id)
        {
            return MetadataForms.OneLine(id, IdKey);
        }

        if (reader.Has("instance_id"))
        {
            warnings.Add($"meta-data has 'instance_id', which nobody reads; the key is '{IdKey}'");
        }

        return DefaultInstanceId;
    }

    /// <summary>A virtual machine may be called anything, and whoever wrote the user-data has no say in it.</summary>
    private static string? ReadName(YamlNode node, List<string> warnings)
    {
        string text = node is YamlScalar scalar ? scalar.Value : node.Kind;
        string? name = MetadataForms.MachineNameOf(text);
        if (name is null)
        {
            warnings.Add($"meta-data's {NameKey}, {ShownText.Quote(text)}, is no DNS name and is not used");
        }

        return name;
    }
}
