using Images.Formats;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Yaml;

namespace Images.Baker.Plan;

/// <summary>Reads the part 'kubernetes' of image.yaml.</summary>
internal sealed class KubernetesPlanReader(
    Func<MappingReader, SuitePlan> readSuite, Func<MappingReader, string, string> readPath)
{
    /// <exception cref="Images.NodeConfig.ConfigurationException">The text breaks a rule.</exception>
    public KubernetesPlan Read(MappingReader map)
    {
        KubernetesPlan plan = new()
        {
            Source = ReadSource(map),
            Upstream = map.OptionalMapping("upstream") is { } upstream ? ReadUpstream(upstream) : null,
            Debian = map.OptionalMapping("debian") is { } debian ? ReadDebian(debian) : null,
            Folder = map.OptionalMapping("folder") is { } folder ? ReadFolder(folder) : null,
        };
        map.RejectUnknownKeys();
        string named = Name(plan.Source);
        return plan.Describes(plan.Source)
            ? plan
            : throw map.Error(
                "source",
                plan.Source == KubernetesSource.Auto
                    ? "The source 'auto' chooses between 'upstream' and 'debian', and they are not both described."
                    : $"The source '{named}' is not described.",
                plan.Source == KubernetesSource.Auto
                    ? "Add the keys 'upstream' and 'debian' beside 'source'."
                    : $"Add the key '{named}' beside 'source'.");
    }

    /// <summary>As it is written in image.yaml and on the command line.</summary>
    public static string Name(KubernetesSource source) => source switch
    {
        KubernetesSource.None => "none",
        KubernetesSource.Auto => "auto",
        KubernetesSource.Upstream => "upstream",
        KubernetesSource.Debian => "debian",
        _ => "folder",
    };

    /// <summary>The source of a name, or null.</summary>
    public static KubernetesSource? SourceOf(string name) =>
        Enum.GetValues<KubernetesSource>()
            .Select(source => (KubernetesSource?)source)
            .FirstOrDefault(source => Name(source!.Value) == name);

    private static KubernetesSource ReadSource(MappingReader map) =>
        SourceOf(map.RequiredText("source")) ?? throw map.Error(
            "source", $"'{map.RequiredText("source")}' is no source of Kubernetes.",
            $"Known here: {string.Join(", ", Enum.GetValues<KubernetesSource>().Select(Name))}.");

    private static KubernetesUpstreamPlan ReadUpstream(MappingReader map)
    {
        KubernetesUpstreamPlan plan = new()
        {
            Version = ReadVersion(map),
            Sha512 = map.OptionalText("sha512") is not { } hex
                ? null
                : Digest.TryParse(hex) is { Algorithm: "sha512" } digest ? digest
                : throw map.Error(
                    "sha512", "This is not a SHA-512.",
                    "Write the 128 hexadecimal digits that upstream publishes for "
                        + "kubernetes-server-linux-amd64.tar.gz."),
        };
        map.RejectUnknownKeys();
        return plan;
    }

    private KubernetesDebianPlan ReadDebian(MappingReader map)
    {
        KubernetesDebianPlan plan = new()
        {
            Toolchain = map.RequiredText("toolchain"),
            Suites = [.. map.RequiredSequence("suites").Select(item => readSuite(new MappingReader(item)))],
        };
        map.RejectUnknownKeys();
        return plan.Toolchain.StartsWith("golang-", StringComparison.Ordinal)
            && plan.Toolchain.EndsWith("-go", StringComparison.Ordinal)
            ? plan
            : throw map.Error(
                "toolchain", $"'{plan.Toolchain}' is not a package with the Go command.",
                "Write for example golang-1.26-go.");
    }

    private KubernetesFolderPlan ReadFolder(MappingReader map)
    {
        KubernetesFolderPlan plan = new() { Path = readPath(map, "path"), Version = ReadVersion(map) };
        map.RejectUnknownKeys();
        return plan;
    }

    private static ComponentVersion ReadVersion(MappingReader map)
    {
        string text = map.RequiredText("version");
        ComponentVersion version = ComponentVersion.TryParseRelease(text)
            ?? throw map.Error("version", $"'{text}' is not a release of Kubernetes.", "Write one such as 1.36.0.");
        return KubernetesSupport.Includes(version)
            ? version
            : throw map.Error(
                "version", $"Kubernetes {version} is not supported; {KubernetesSupport.Range} are.",
                "Choose a release within that range.");
    }
}
