using Images.Baker.Containers.Oci;
using Images.Baker.Plan;
using Images.Formats.Tree;

namespace Images.Baker.Containers.Archives;

/// <summary>Reads an image layout in a tar archive (OCI image specification 1.1, image-layout.md).</summary>
internal static class OciArchiveReader
{
    public static ContainerImage Read(ContainerArchive archive, ContainerReference name, string architecture)
    {
        OciIndex index =
            OciDocumentReader.Read(archive.ReadDocument(OciLayout.IndexFile), OciLayout.IndexFile) as OciIndex
                ?? throw archive.Malformed($"its {OciLayout.IndexFile} is no index");
        return ContainerImageAssembly.Assemble(
            name, Choose(index, archive, name, architecture), architecture, blob => Open(archive, blob));
    }

    private static OciDescriptor Choose(
        OciIndex index, ContainerArchive archive, ContainerReference name, string architecture)
    {
        OciDescriptor[] named = [.. index.Manifests.Where(
            manifest => NamesOf(manifest).Any(known => known == name.ToString() || known == name.Tag))];
        OciDescriptor[] candidates =
            [.. (named.Length > 0 ? named : [.. index.Manifests]).DistinctBy(manifest => manifest.Digest)];
        return candidates.Length switch
        {
            1 => candidates[0],
            > 1 when candidates.All(candidate => candidate.Platform is not null) =>
                new OciIndex { MediaType = index.MediaType, Manifests = [.. candidates] }.For(
                    architecture, name.ToString()),
            _ => throw archive.Malformed(
                $"it holds {candidates.Length} images and none of them is called '{name}': "
                    + $"{string.Join(", ", index.Manifests.SelectMany(NamesOf).Distinct(StringComparer.Ordinal))}"),
        };
    }

    private static IEnumerable<string> NamesOf(OciDescriptor manifest) =>
        new[] { OciLayout.NameAnnotation, OciLayout.TagAnnotation }
            .Where(manifest.Annotations.ContainsKey)
            .Select(key => manifest.Annotations[key]);

    private static FileContent Open(ContainerArchive archive, OciDescriptor blob)
    {
        FileContent content = archive.Find($"{OciLayout.Blobs}/{blob.Digest.Hex}")
            ?? throw archive.Malformed($"the blob {blob.Digest} is missing");
        return content.Digest == blob.Digest
            ? content
            : throw archive.Malformed($"the blob {blob.Digest} has other bytes: {content.Digest}");
    }
}
