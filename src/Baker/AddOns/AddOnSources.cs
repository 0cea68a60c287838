using System.Collections.Immutable;
using System.Text;
using Images.Baker.Plan;
using Images.Formats.Tree;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;

namespace Images.Baker.AddOns;

/// <summary>Reads the manifests that image.yaml names, and sees that a master can apply them together.</summary>
internal static class AddOnSources
{
    private const string Extension = ".yaml";
    private static readonly string[] _extensions = [Extension, ".yml"];
    private static readonly UTF8Encoding _strictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Sorted by name.</summary>
    /// <exception cref="BakeException">
    /// One is missing, is called like another, or describes an object that another describes too.
    /// </exception>
    /// <exception cref="ConfigurationException">
    /// One holds something else than objects of Kubernetes; with its line.
    /// </exception>
    public static ImmutableArray<AddOnFile> Read(ImmutableArray<AddOnPlan> plans)
    {
        SortedDictionary<string, AddOnFile> files = new(StringComparer.Ordinal);
        foreach (AddOnFile file in plans.SelectMany(plan => Paths(plan).Select(path => ReadOne(plan, path))))
        {
            if (!files.TryAdd(file.Name, file))
            {
                throw new BakeException(
                    "BAKE0482", file.WrittenPath,
                    $"Its name in the image, {file.Name}, is that of {files[file.Name].WrittenPath} too.",
                    "Rename one of them.");
            }
        }

        RefuseTwice(files.Values.SelectMany(file => file.Objects));
        return [.. files.Values];
    }

    /// <summary>A folder gives its manifests; other files in it, such as a README, are no add-ons.</summary>
    private static IEnumerable<string> Paths(AddOnPlan plan)
    {
        if (!Directory.Exists(plan.Path))
        {
            return IsManifest(plan.Path)
                ? [plan.Path]
                : throw new BakeException(
                    "BAKE0481", plan.Place, $"'{plan.WrittenPath}' does not end in .yaml or .yml.",
                    "Name manifests, or folders of them.");
        }

        string? inner = Directory.EnumerateDirectories(plan.Path).Order(StringComparer.Ordinal).FirstOrDefault();
        if (inner is not null)
        {
            throw new BakeException(
                "BAKE0481", plan.Place,
                $"The folder '{plan.WrittenPath}' holds "
                    + $"the folder '{Path.GetFileName(inner)}', which would be left out.",
                $"List it under '{AddOnPlanReader.Key}' as well and keep it elsewhere.");
        }

        string[] paths = [.. Directory.EnumerateFiles(plan.Path).Where(IsManifest).Order(StringComparer.Ordinal)];
        return paths.Length > 0
            ? paths
            : throw new BakeException(
                "BAKE0481", plan.Place, $"The folder '{plan.WrittenPath}' holds no manifest.",
                "Add files that end in .yaml or .yml, or remove the entry.");
    }

    private static bool IsManifest(string path) =>
        _extensions.Contains(Path.GetExtension(path), StringComparer.Ordinal);

    private static AddOnFile ReadOne(AddOnPlan plan, string path)
    {
        string written =
            path == plan.Path ? plan.WrittenPath : $"{plan.WrittenPath.TrimEnd('/')}/{Path.GetFileName(path)}";
        byte[] bytes = ReadBytes(plan, path, written);
        ImmutableArray<ManifestObject> objects = [.. KubernetesManifest.Read(TextOf(bytes, written), written)];
        return new AddOnFile
        {
            Name = Path.ChangeExtension(Path.GetFileName(path), Extension),
            WrittenPath = written,
            Content = new MemoryContent(bytes),
            Objects = objects.Length > 0
                ? objects
                : throw new BakeException(
                    "BAKE0483", written, "There is no object in it.", "Remove it, or describe one."),
            MayPull = plan.MayPull,
        };
    }

    private static byte[] ReadBytes(AddOnPlan plan, string path, string written)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0480", plan.Place,
                File.Exists(path)
                    ? $"The add-on '{written}' cannot be read: {fault.Message}"
                    : $"The add-on '{written}' does not exist.",
                "Mend the path, which begins at image.yaml.", inner: fault);
        }
    }

    private static string TextOf(byte[] bytes, string written)
    {
        try
        {
            return _strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException fault)
        {
            throw new BakeException("BAKE0484", written, "is not UTF-8 text.", "Store it as UTF-8.", inner: fault);
        }
    }

    /// <summary>Of two descriptions of one object a master would apply both, in turns.</summary>
    private static void RefuseTwice(IEnumerable<ManifestObject> objects)
    {
        Dictionary<(string, string, string, string), ManifestObject> seen = [];
        foreach (ManifestObject item in objects)
        {
            string group = item.ApiVersion.Contains('/', StringComparison.Ordinal) ? item.ApiVersion.Split('/')[0] : "";
            if (!seen.TryAdd((group, item.Kind, item.Namespace, item.Name), item))
            {
                throw new BakeException(
                    "BAKE0485", item.Place,
                    $"{item} is described a second time; "
                        + $"first at {seen[(group, item.Kind, item.Namespace, item.Name)].Place}.",
                    "Remove one of them.");
            }
        }
    }
}
