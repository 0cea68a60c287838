using System.Collections.Immutable;
using System.Text;
using Images.NodeConfig;
using Images.NodeConfig.Yaml;

namespace Images.Baker.Plan;

/// <summary>
/// Reads image.yaml strictly: an unknown key, a repeated one or a value of the wrong shape is an
/// error with line and column.
/// </summary>
internal sealed class ImagePlanReader
{
    private const long Mebibyte = 1 << 20;
    private static readonly string[] _architectures = ["amd64"];
    private static readonly string[] _archives = ["debian", "debian-security"];
    private static readonly string[] _outputs = [ImagePlan.RawOutput, ImagePlan.UpgradeOutput];
    private readonly string _folder;

    private ImagePlanReader(string folder) => _folder = folder;

    /// <exception cref="BakeException">The file cannot be read.</exception>
    /// <exception cref="ConfigurationException">Its text breaks a rule.</exception>
    public static ImagePlan ReadFile(string path)
    {
        try
        {
            return Parse(
                File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true)), path,
                Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            or DecoderFallbackException)
        {
            throw new BakeException(
                "BAKE0201", path, $"The plan of the image cannot be read: {exception.Message}",
                "Name an image.yaml with --plan.", inner: exception);
        }
    }
    /// <param name="folder">Full path of the folder that relative paths start from.</param>
    public static ImagePlan Parse(string text, string sourceName, string folder) =>
        new ImagePlanReader(folder).ReadPlan(StrictYaml.ParseMapping(text, sourceName));

    private ImagePlan ReadPlan(MappingReader map)
    {
        ImmutableArray<string> packages = PackageNames(map, "packages");
        ImagePlan plan = new()
        {
            Name = Matching(map, "name", IsNameCharacter, "lower-case letters, digits and hyphens"),
            Version = Matching(map, "version", IsVersionCharacter, "letters, digits, '.', '+', '~' and '-'"),
            Debian = ReadDebian(map.RequiredMapping("debian")),
            Packages = packages,
            Drop = PackageNames(map, "drop"),
            ContainerImages = new ContainerImagePlanReader(_folder).Read(map, packages),
            AddOns = new AddOnPlanReader(_folder).Read(map),
            Prune = ReadPrune(map),
            Initramfs = ReadInitramfs(map.RequiredMapping("initramfs")),
            Boot = ReadBoot(map.RequiredMapping("boot")),
            Kubernetes = map.OptionalMapping("kubernetes") is { } kubernetes
                ? new KubernetesPlanReader(ReadSuite, FullPath).Read(kubernetes)
                : null,
            Toolchain = PackageNames(map, "toolchain"),
            Sizes = ReadSizes(map.RequiredMapping("sizes")),
            Roles = FullPath(map, "roles"),
            Outputs = ReadOutputs(map),
            Signing = new SigningPlanReader(_folder).ReadSigning(map),
            Trust = new SigningPlanReader(_folder).ReadTrust(map),
        };
        map.RejectUnknownKeys();
        RefuseAskedAndDropped(map, plan);
        return plan;
    }

    private DebianPlan ReadDebian(MappingReader map)
    {
        DebianPlan plan = new()
        {
            Architecture = OneOf(map.RequiredNode("architecture"), "architecture", _architectures),
            Suites = [.. map.RequiredSequence("suites").Select(item => ReadSuite(new MappingReader(item)))],
        };
        map.RejectUnknownKeys();
        return plan;
    }

    private SuitePlan ReadSuite(MappingReader map)
    {
        SuitePlan suite = new()
        {
            Suite = Matching(map, "suite", IsNameCharacter, "lower-case letters, digits and hyphens"),
            Archive = OneOf(map.RequiredNode("archive"), "archive", _archives),
            Components = [.. map.RequiredSequence("components").Select(item => MappingReader.Text(item, "components"))],
            Keys = [.. map.RequiredSequence("keys").Select(item => ReadKey(new MappingReader(item)))],
        };
        map.RejectUnknownKeys();
        return suite;
    }

    private KeyPlan ReadKey(MappingReader map)
    {
        string fingerprint =
            map.RequiredText("fingerprint").Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        if (fingerprint.Length != 40 || !fingerprint.All(char.IsAsciiHexDigitUpper))
        {
            throw map.Error(
                "fingerprint", $"'{fingerprint}' is not a fingerprint.",
                "Write the 40 hexadecimal digits of the primary key's fingerprint.");
        }

        KeyPlan key = new() { File = FullPath(map, "file"), Fingerprint = fingerprint };
        map.RejectUnknownKeys();
        return key;
    }

    private static PrunePlan ReadPrune(MappingReader map)
    {
        if (map.OptionalMapping("prune") is not { } prune)
        {
            return new PrunePlan
            {
                Paths = [],
                Keep = [],
                Packages = ImmutableSortedDictionary<string, PackagePrunePlan>.Empty,
            };
        }

        PrunePlan plan = new()
        {
            Paths = Globs(prune, "paths"),
            Keep = Globs(prune, "keep"),
            Packages = prune.OptionalMapping("packages") is { } packages
                ? packages.Mapping.Entries.ToImmutableSortedDictionary(
                    entry => entry.Key.Value, entry => ReadPackagePrune(new MappingReader(entry.Value)),
                    StringComparer.Ordinal)
                : ImmutableSortedDictionary<string, PackagePrunePlan>.Empty,
        };
        prune.RejectUnknownKeys();
        return plan;
    }

    private static PackagePrunePlan ReadPackagePrune(MappingReader map)
    {
        PackagePrunePlan plan = new() { Paths = Globs(map, "paths"), Only = Globs(map, "only") };
        map.RejectUnknownKeys();
        return plan;
    }

    private static InitramfsPlan ReadInitramfs(MappingReader map)
    {
        InitramfsPlan plan = new() { Modules = [.. map.TextList("modules")], Packages = PackageNames(map, "packages") };
        map.RejectUnknownKeys();
        return plan;
    }

    private static BootPlan ReadBoot(MappingReader map)
    {
        BootPlan plan = new()
        {
            Package = map.RequiredText("package"),
            Stub = map.RequiredText("stub"),
            Loader = map.RequiredText("loader"),
            CommandLine = map.RequiredText("commandLine"),
        };
        map.RejectUnknownKeys();
        return plan;
    }

    private static SizePlan ReadSizes(MappingReader map)
    {
        SizePlan plan = new() { Esp = Size(map, "esp"), Root = Size(map, "root"), State = Size(map, "state") };
        map.RejectUnknownKeys();
        return plan;
    }

    private static ImmutableArray<string> ReadOutputs(MappingReader map)
    {
        SortedSet<string> outputs = new(StringComparer.Ordinal);
        foreach (YamlNode item in map.RequiredSequence("outputs"))
        {
            string output = OneOf(item, "outputs", _outputs);
            if (!outputs.Add(output))
            {
                throw item.Error($"The output '{output}' stands twice in 'outputs'.", "Remove one of them.");
            }
        }

        return outputs.Contains(ImagePlan.RawOutput)
            ? [.. outputs]
            : throw map.Error(
                "outputs", $"'{ImagePlan.RawOutput}' is missing: every other output is made from the disk.",
                $"Write outputs: [{string.Join(", ", outputs.Prepend(ImagePlan.RawOutput))}].");
    }

    private static long Size(MappingReader map, string key)
    {
        long bytes = map.Bytes(key);
        return bytes >= Mebibyte && bytes % Mebibyte == 0
            ? bytes
            : throw map.Error(
                key, $"The size of '{key}' must be a whole number of mebibytes, and this is {bytes} bytes.",
                "Write for example 512Mi or 1Gi.");
    }

    private static ImmutableArray<string> Globs(MappingReader map, string key) =>
        [.. map.Sequence(key).Select(item => Glob(item, key))];

    private static string Glob(YamlNode node, string key)
    {
        string glob = MappingReader.Text(node, key);
        return !glob.StartsWith('/')
            && !glob.EndsWith('/')
            && glob.Split('/').All(part => part is not ("" or "." or ".."))
            ? glob
            : throw node.Error(
                $"The glob '{glob}' is not a path below the image's root.",
                "Write it without a leading or trailing '/' and without '..'.");
    }

    /// <summary>Package names, sorted ordinally, none twice.</summary>
    private static ImmutableArray<string> PackageNames(MappingReader map, string key)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (YamlNode item in map.Sequence(key))
        {
            string name = MappingReader.Text(item, key);
            if (name.Length < 2 || !name.All(character => IsNameCharacter(character) || character is '+' or '.'))
            {
                throw item.Error(
                    $"'{name}' is not the name of a Debian package.",
                    "Write one name, without version or architecture.");
            }

            if (!names.Add(name))
            {
                throw item.Error($"The package '{name}' stands twice in '{key}'.", "Remove one of them.");
            }
        }

        return [.. names];
    }

    private static void RefuseAskedAndDropped(MappingReader map, ImagePlan plan)
    {
        string? both = plan.Packages.FirstOrDefault(plan.Drop.Contains);
        if (both is not null)
        {
            throw map.Error(
                "drop", $"The package '{both}' is asked for and dropped.", "Remove it from one of the two lists.");
        }
    }

    private string FullPath(MappingReader map, string key) =>
        Path.GetFullPath(Path.Combine(_folder, map.RequiredText(key)));

    private static string Matching(MappingReader map, string key, Func<char, bool> allowed, string rule)
    {
        string text = map.RequiredText(key);
        return text.Length is > 0 and <= 64 && text.All(allowed) && char.IsAsciiLetterOrDigit(text[0])
            ? text
            : throw map.Error(
                key, $"'{text}' is not a {key}.", $"Use {rule}, at most 64, the first one a letter or digit.");
    }

    private static string OneOf(YamlNode node, string key, string[] allowed)
    {
        string text = MappingReader.Text(node, key);
        return allowed.Contains(text, StringComparer.Ordinal)
            ? text
            : throw node.Error($"'{text}' is unknown for '{key}'.", $"Known here: {string.Join(", ", allowed)}.");
    }

    private static bool IsNameCharacter(char character) =>
        char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-';

    private static bool IsVersionCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '.' or '+' or '~' or '-';
}
