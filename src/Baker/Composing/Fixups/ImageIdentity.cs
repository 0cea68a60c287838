using System.Text;
using System.Text.Json;
using Images.Baker.Manifest;
using Images.Formats.Tree;
using Images.NodeConfig;

namespace Images.Baker.Composing.Fixups;

/// <summary>The files by which a running node, and systemd, know which image this is and how old it is.</summary>
internal static class ImageIdentity
{
    private const string OsRelease = "usr/lib/os-release";
    public static void Add(FileTreeBuilder tree, ImageFacts image)
    {
        byte[] release = tree.ReadFile(TreePath.Parse(OsRelease)) ?? throw new BakeException(
            "BAKE0460", $"/{OsRelease}", "is missing.", "Add the package base-files to image.yaml.");

        // os-release(5): systemd-boot shows and sorts by these
        tree.AddText(
            OsRelease,
            $"{Encoding.UTF8.GetString(release).TrimEnd('\n')}\n"
                + $"IMAGE_ID={image.Name}\nIMAGE_VERSION={image.Version}\n");

        // systemd(1): the clock is never set before this file's modification time
        tree.AddText("usr/lib/clock-epoch", "");
        tree.AddFile(NodePaths.ImageDescription, new MemoryContent(Description(image)));
    }

    private static byte[] Description(ImageFacts image)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, IndentedJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("name", image.Name);
            json.WriteString("version", image.Version);
            json.WriteNumber("sourceDate", image.SourceDateUnixSeconds);
            if (image.Kubernetes is { } kubernetes)
            {
                json.WriteString("kubernetes", kubernetes.Version);
                json.WriteString("kubernetesSource", kubernetes.Source);
                json.WriteString("kubernetesEndOfLife", kubernetes.EndOfLife);
            }

            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }
}
