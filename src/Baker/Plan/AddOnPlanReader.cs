using System.Collections.Immutable;
using Images.NodeConfig.Yaml;

namespace Images.Baker.Plan;

/// <summary>Reads <c>addons:</c> of image.yaml: paths, or mappings of a path and what it may do.</summary>
internal sealed class AddOnPlanReader(string folder)
{
    public const string Key = "addons";

    private const string Allowed = "allowed";

    /// <summary>Sorted by path, none twice.</summary>
    public ImmutableArray<AddOnPlan> Read(MappingReader map)
    {
        SortedDictionary<string, AddOnPlan> plans = new(StringComparer.Ordinal);
        foreach (YamlNode item in map.Sequence(Key))
        {
            AddOnPlan plan =
                item is YamlMapping ? ReadMapping(new MappingReader(item)) : ReadOne(item, item, mayPull: false);
            if (!plans.TryAdd(plan.Path, plan))
            {
                throw item.Error($"The add-on '{plan.WrittenPath}' stands twice in '{Key}'.", "Remove one of them.");
            }
        }

        return [.. plans.Values];
    }

    private AddOnPlan ReadMapping(MappingReader map)
    {
        YamlNode path = map.RequiredNode("path");
        string? pull = map.OptionalText("pull");
        map.RejectUnknownKeys();
        return pull is null or Allowed
            ? ReadOne(map.Mapping, path, pull is Allowed)
            : throw map.Error(
                "pull", $"'{pull}' is unknown for 'pull'.",
                $"Write 'pull: {Allowed}', or leave it out: then all containers must be carried.");
    }

    private AddOnPlan ReadOne(YamlNode item, YamlNode path, bool mayPull)
    {
        string written = MappingReader.Text(path, "path");
        return new AddOnPlan
        {
            WrittenPath = written,
            Path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(folder, written))),
            MayPull = mayPull,
            Place = $"{item.SourceName}:{item.Line}:{item.Column}",
        };
    }
}
