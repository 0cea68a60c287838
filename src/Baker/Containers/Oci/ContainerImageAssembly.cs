using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Containers.Oci;

/// <summary>Follows an image from its target to its layers, and checks that the whole of it belongs together.</summary>
internal static class ContainerImageAssembly
{
    /// <param name="name">Of the image.</param>
    /// <param name="target">Digest and size of the manifest or index.</param>
    /// <param name="architecture">amd64.</param>
    /// <param name="open">Gives the content of a descriptor; its digest is the descriptor's.</param>
    /// <exception cref="BakeException">It is for another platform.</exception>
    /// <exception cref="MalformedDataException">A document breaks a rule of its format.</exception>
    public static ContainerImage Assemble(
        ContainerReference name, OciDescriptor target, string architecture, Func<OciDescriptor, FileContent> open)
    {
        Dictionary<Digest, FileContent> blobs = [];
        OciDocument document = OciDocumentReader.Read(
            Read(Take(target), target, OciDocumentReader.MaximumSize, name), $"{name} {target.Digest}");
        OciManifest manifest = document is OciIndex index ? FollowIndex(index) : (OciManifest)document;
        OciConfig config = OciConfig.Read(
            Read(Take(manifest.Config), manifest.Config, OciConfig.MaximumSize, name),
            $"{name} {manifest.Config.Digest}");
        if (!config.Platform.Is(architecture))
        {
            throw new BakeException(
                "BAKE0610", name.ToString(), $"It is for {config.Platform}, not for linux/{architecture}.",
                "Take an image that is made for it.");
        }

        if (config.DiffIds.Length != manifest.Layers.Length)
        {
            throw new MalformedDataException(
                $"{name} {manifest.Config.Digest}", -1,
                $"the configuration names {config.DiffIds.Length} layers, the manifest {manifest.Layers.Length}");
        }

        foreach (OciDescriptor layer in manifest.Layers)
        {
            Take(layer);
        }

        return new ContainerImage
        {
            Name = name,
            Target = target with { MediaType = document.MediaType, Platform = null },
            Blobs = blobs,
        };

        OciManifest FollowIndex(OciIndex platforms)
        {
            OciDescriptor chosen = platforms.For(architecture, name.ToString());
            return OciDocumentReader.ReadManifest(
                Read(Take(chosen), chosen, OciDocumentReader.MaximumSize, name), $"{name} {chosen.Digest}");
        }

        FileContent Take(OciDescriptor descriptor)
        {
            FileContent content = open(descriptor);
            blobs[descriptor.Digest] = content.Length == descriptor.Size
                ? content
                : throw new MalformedDataException(
                    $"{name} {descriptor.Digest}", -1,
                    $"it has {content.Length} bytes, and {descriptor.Size} are announced");
            return content;
        }
    }

    private static byte[] Read(FileContent content, OciDescriptor descriptor, int maximum, ContainerReference name)
    {
        if (content.Length > maximum)
        {
            throw new MalformedDataException(
                $"{name} {descriptor.Digest}", -1, $"it has {content.Length} bytes; at most {maximum} are read");
        }

        using Stream stream = content.OpenRead();
        byte[] bytes = new byte[content.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
