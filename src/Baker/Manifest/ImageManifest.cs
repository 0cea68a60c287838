using System.Globalization;
using System.Text.Json;
using Images.Baker.Merging;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Manifest;

/// <summary>
/// manifest.json: what is in the image, from where, with digests and licences. The same bytes lie beside the image and
/// in it, at <see cref="Path"/>, so the file lists every regular file of the tree but itself.
/// </summary>
internal static class ImageManifest
{
    public const string Path = "usr/lib/bootstrapper/manifest.json";
    private const int Format = 1;
    /// <param name="packages">Sorted by name.</param>
    /// <param name="merged">The finished tree and who owns what.</param>
    public static byte[] Write(ImageFacts image, IReadOnlyList<InstalledPackage> packages, MergedTree merged)
    {
        ILookup<string, TreePath> files = merged.Tree.Nodes
            .Where(entry => entry.Value is FileNode)
            .Select(entry => entry.Key)
            .Order()
            .ToLookup(path => merged.Owners.GetValueOrDefault(path, ""), StringComparer.Ordinal);
        HashSet<string> names = packages.Select(package => package.Name).ToHashSet(StringComparer.Ordinal);
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, IndentedJson.Options))
        {
            json.WriteStartObject();
            WriteImage(json, image);
            json.WriteStartArray("packages");
            foreach (InstalledPackage package in packages)
            {
                WritePackage(json, package, merged.Tree, files[package.Name]);
            }

            json.WriteEndArray();
            WriteFiles(
                json, merged.Tree, files.Where(group => !names.Contains(group.Key)).SelectMany(group => group).Order());
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>ISO 8601 in UTC.</summary>
    public static string Time(long unixSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds(unixSeconds).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static void WriteImage(Utf8JsonWriter json, ImageFacts image)
    {
        json.WriteNumber("format", Format);
        json.WriteString("name", image.Name);
        json.WriteString("version", image.Version);
        json.WriteString("created", Time(image.SourceDateUnixSeconds));
        json.WriteString("kernel", image.KernelRelease);
        json.WriteString("compressor", image.CompressorIdentity);
        json.WriteStartObject("tools");
        foreach ((string name, string version) in image.Tools.OrderBy(tool => tool.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, version);
        }

        json.WriteEndObject();
        json.WriteStartObject("suites");
        foreach ((string suite, Digest release) in image.Suites.OrderBy(suite => suite.Key, StringComparer.Ordinal))
        {
            json.WriteString(suite, release.ToString());
        }

        json.WriteEndObject();
        if (image.Kubernetes is { } kubernetes)
        {
            WriteKubernetes(json, kubernetes);
        }

        if (image.AddOns.Count > 0)
        {
            WriteAddOns(json, image.AddOns);
        }
    }

    private static void WriteKubernetes(Utf8JsonWriter json, KubernetesFacts kubernetes)
    {
        json.WriteStartObject("kubernetes");
        json.WriteString("version", kubernetes.Version);
        json.WriteString("source", kubernetes.Source);
        json.WriteString("endOfLife", kubernetes.EndOfLife);
        json.WriteStartObject("inputs");
        foreach ((string name, Digest digest) in kubernetes.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, digest.ToString());
        }

        json.WriteEndObject();
        if (kubernetes.Changes.Count > 0)
        {
            json.WriteStartArray("changes");
            foreach (string change in kubernetes.Changes)
            {
                json.WriteStringValue(change);
            }

            json.WriteEndArray();
        }

        WriteLicences(json, kubernetes.Licences is { Count: > 0 } names ? names : [SpdxDocument.NoAssertion]);
        json.WriteEndObject();
    }

    private static void WriteAddOns(Utf8JsonWriter json, IReadOnlyList<AddOnFacts> addOns)
    {
        json.WriteStartObject("addons");
        foreach (AddOnFacts addOn in addOns)
        {
            json.WriteStartArray(addOn.File);
            foreach (string item in addOn.Objects)
            {
                json.WriteStringValue(item);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WritePackage(
        Utf8JsonWriter json, InstalledPackage package, FileTreeBuilder tree, IEnumerable<TreePath> files)
    {
        json.WriteStartObject();
        json.WriteString("name", package.Name);
        json.WriteString("version", package.Version);
        json.WriteString("architecture", package.Architecture);
        json.WriteString("source", package.Source);
        json.WriteString("sourceVersion", package.SourceVersion);
        json.WriteString("suite", package.Suite);
        json.WriteString("archive", package.Archive);
        json.WriteString("path", package.ArchivePath);
        json.WriteNumber("size", package.SizeBytes);
        json.WriteString("digest", package.Digest.ToString());
        WriteLicences(json, LicenceNames.Of(tree, package.Name));
        WriteFiles(json, tree, files);
        json.WriteEndObject();
    }

    private static void WriteLicences(Utf8JsonWriter json, IReadOnlyList<string> names)
    {
        json.WriteStartArray("licences");
        foreach (string name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private static void WriteFiles(Utf8JsonWriter json, FileTreeBuilder tree, IEnumerable<TreePath> files)
    {
        json.WriteStartObject("files");
        foreach (TreePath path in files)
        {
            json.WriteString(path.ToString(), ((FileNode)tree.Nodes[path]).Content.Digest.ToString());
        }

        json.WriteEndObject();
    }
}
