using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Images.Formats.Tree;
using Images.NodeConfig.Yaml;

namespace Images.Baker.Plan;

/// <summary>
/// Reads <c>containerImages:</c> of image.yaml; every item is one of four kinds, told apart by its keys.
/// </summary>
internal sealed partial class ContainerImagePlanReader(string folder)
{
    public const string Key = "containerImages";

    private const string DefaultUser = "65535:65535";
    private static readonly string[] _kinds = ["package", "binary", "archive", "pull"];

    /// <summary>Sorted by name, none twice.</summary>
    /// <param name="map">All of image.yaml.</param>
    /// <param name="packages">What the image holds; a container is made of these only.</param>
    public ImmutableArray<ContainerImagePlan> Read(MappingReader map, ImmutableArray<string> packages)
    {
        SortedDictionary<string, ContainerImagePlan> plans = new(StringComparer.Ordinal);
        foreach (YamlNode item in map.Sequence(Key))
        {
            ContainerImagePlan plan = ReadOne(new MappingReader(item), packages);
            if (!plans.TryAdd(plan.Name.ToString(), plan))
            {
                throw item.Error($"The container image '{plan.Name}' stands twice in '{Key}'.", "Remove one of them.");
            }
        }

        return [.. plans.Values];
    }

    private ContainerImagePlan ReadOne(MappingReader map, ImmutableArray<string> packages)
    {
        string[] kinds = [.. _kinds.Where(map.Has)];
        if (kinds.Length != 1)
        {
            throw map.Error(
                "name",
                $"A container image comes from one of {string.Join(", ", _kinds)}; "
                    + $"here {(kinds.Length == 0 ? "stands none" : $"stand {string.Join(" and ", kinds)}")}.",
                "Write exactly one of these keys.");
        }

        ContainerImagePlan plan = kinds[0] switch
        {
            "package" => ReadPackaged(map, packages),
            "binary" => ReadBinary(map),
            "archive" => ReadArchived(map),
            _ => ReadPulled(map),
        };
        map.RejectUnknownKeys();
        return plan;
    }

    private static PackagedContainerPlan ReadPackaged(MappingReader map, ImmutableArray<string> packages)
    {
        string package = map.RequiredText("package");
        PackagedContainerPlan plan = new()
        {
            Name = ReadName(map),
            Package = packages.Contains(package, StringComparer.Ordinal)
                ? package
                : throw map.Error(
                    "package", $"The package '{package}' is not in 'packages'.",
                    "Add it there; a container image is made of packages that the image holds."),
            Files = [.. map.RequiredSequence("files").Select(ReadPath).Distinct().Order()],
            Entrypoint = [.. map.RequiredSequence("entrypoint").Select(item => MappingReader.Text(item, "entrypoint"))],
            User = ReadUser(map),
        };
        if (!plan.Entrypoint[0].StartsWith('/'))
        {
            throw map.Error(
                "entrypoint", $"'{plan.Entrypoint[0]}' is not a full path.", "Begin the program's path with '/'.");
        }

        return plan;
    }

    private static string ReadUser(MappingReader map)
    {
        string user = map.OptionalText("user") ?? DefaultUser;
        return User().IsMatch(user)
            ? user
            : throw map.Error(
                "user", $"'{user}' is not a numeric user.",
                "Write for example 65535:65535; the container has no list of names.");
    }

    private BinaryContainerPlan ReadBinary(MappingReader map)
    {
        string binary = map.RequiredText("binary");
        return new BinaryContainerPlan
        {
            Name = ReadName(map),
            WrittenPath = binary,
            Binary = Path.GetFullPath(Path.Combine(folder, binary)),
            Arguments = [.. map.Sequence("arguments").Select(item => MappingReader.Text(item, "arguments"))],
            User = ReadUser(map),
        };
    }

    private static TreePath ReadPath(YamlNode node)
    {
        string text = MappingReader.Text(node, "files");
        try
        {
            TreePath path = TreePath.Parse(text);
            return path.IsRoot ? throw node.Error("The whole root is no file.", "Name the files.") : path;
        }
        catch (FormatException)
        {
            throw node.Error($"'{text}' is not a path inside a package.", "Write it like usr/bin/catatonit.");
        }
    }

    private ArchivedContainerPlan ReadArchived(MappingReader map)
    {
        string archive = map.RequiredText("archive");
        return new ArchivedContainerPlan
        {
            Name = ReadName(map),
            WrittenPath = archive,
            Archive = Path.GetFullPath(Path.Combine(folder, archive)),
        };
    }

    private static PulledContainerPlan ReadPulled(MappingReader map)
    {
        ContainerReference source = Reference(map, "pull");
        return new PulledContainerPlan
        {
            Source = source,
            Name = map.Has("name") || source.Tag is null || source.Digest is not null ? ReadName(map) : source,
        };
    }

    private static ContainerReference ReadName(MappingReader map)
    {
        ContainerReference name = Reference(map, "name");
        return name.Digest is null
            ? name
            : throw map.Error(
                "name", $"'{name}' has a digest; the name is what containers are started by.",
                "Leave the digest out here; 'pull' may have one, and the lock pins it anyway.");
    }

    private static ContainerReference Reference(MappingReader map, string key)
    {
        string text = map.RequiredText(key);
        return ContainerReference.TryParse(text) ?? throw map.Error(
            key, $"'{text}' is not the whole name of a container image.",
            "Write host, repository and tag, in lower case, such as registry.k8s.io/coredns/coredns:v1.12.1.");
    }

    [GeneratedRegex(@"\A[0-9]{1,10}(:[0-9]{1,10})?\z")]
    private static partial Regex User();
}
