using System.Security.Cryptography;
using System.Text;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Kubernetes.AddOns;

/// <summary>All add-ons of this machine: those of the image and those that its roles have rendered.</summary>
internal sealed record AddOnSet
{
    /// <summary>The running image's version.</summary>
    public required string Version { get; init; }

    /// <summary>When that image was made: by this one set is newer than another.</summary>
    public required DateTimeOffset Built { get; init; }

    /// <summary>SHA-256, in hex, of the files, the version and the time: another image is another set.</summary>
    public required string Digest { get; init; }

    /// <summary>In the order in which they are applied.</summary>
    public required IReadOnlyList<KubernetesObject> Objects { get; init; }

    /// <summary>Files that could not be read, each with its reason.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    public static AddOnSet Read(NodeRoot root)
    {
        ImageDescription image = ImageDescription.Read(root);
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (string path in ((string[])[NodePaths.AddOns, NodePaths.RenderedAddOns])
            .Where(folder => Directory.Exists(root[folder]))
            .SelectMany(folder => Directory.EnumerateFiles(root[folder], "*.yaml")))
        {
            files[Path.GetFileName(path)] = path; // a rendered file replaces the image's of its name
        }

        return Read(image, [.. files.Select(file => KeyValuePair.Create(file.Key, File.ReadAllText(file.Value)))]);
    }

    /// <param name="image">The running one.</param>
    /// <param name="files">Name and text, in the order of the names.</param>
    public static AddOnSet Read(ImageDescription image, IReadOnlyList<KeyValuePair<string, string>> files)
    {
        List<KubernetesObject> objects = [];
        List<string> faults = [];
        foreach ((string name, string text) in files)
        {
            try
            {
                objects.AddRange(ManifestReader.Read(text, name));
            }
            catch (InvalidDataException e)
            {
                faults.Add(FaultText.Of(e));
            }
        }

        return new AddOnSet
        {
            Version = image.Version,
            Built = image.Built,
            Digest = DigestOf(image, files),
            Objects = [.. objects.OrderBy(item => AddOnOrder.RankOf(item.Kind))],
            Faults = faults,
        };
    }

    private static string DigestOf(ImageDescription image, IReadOnlyList<KeyValuePair<string, string>> files)
    {
        StringBuilder text = new($"{image.Version}\n{image.Built.ToUnixTimeSeconds()}\n");
        foreach ((string name, string content) in files)
        {
            text.Append(name).Append(' ').Append(content.Length).Append('\n').Append(content);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
