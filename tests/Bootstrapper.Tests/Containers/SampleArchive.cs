using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Images.NodeConfig;
using Images.NodeConfig.Containers;

namespace Images.Bootstrapper.Tests.Containers;

/// <summary>A carried container image as the Baker would leave it in the image: one empty layer, and a word to tell it from others.</summary>
internal static class SampleArchive
{
    /// <summary>Writes the archive and its document and returns the document.</summary>
    public static CarriedContainer Write(NodeRoot root, string name, string word)
    {
        byte[] layer = new byte[1024];
        byte[] config = Text($$$"""{"architecture":"amd64","os":"linux","config":{"Labels":{"word":"{{{word}}}"}},"rootfs":{"type":"layers","diff_ids":["{{{Digest(layer)}}}"]}}""");
        byte[] manifest = Text($$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{Descriptor("application/vnd.oci.image.config.v1+json", config)}},"layers":[{{Descriptor("application/vnd.oci.image.layer.v1.tar", layer)}}]}""");
        string byDigest = $"{name[..name.LastIndexOf(':')]}@{Digest(manifest)}";
        string Named(string full) => $$$"""{{{Descriptor("application/vnd.oci.image.manifest.v1+json", manifest)[..^1]}}},"annotations":{"io.containerd.image.name":"{{{full}}}"}}""";
        byte[] index = Text($$"""{"schemaVersion":2,"manifests":[{{Named(name)}},{{Named(byDigest)}}]}""");
        string file = name.Split('/')[^1].Split(':')[0];
        string folder = Directory.CreateDirectory(root[NodePaths.Containers]).FullName;
        using (FileStream output = File.Create(Path.Combine(folder, $"{file}.tar")))
        using (TarWriter tar = new(output, TarEntryFormat.Ustar))
        {
            foreach ((string path, byte[] content) in new[]
            {
                ("oci-layout", Text("""{"imageLayoutVersion":"1.0.0"}""")), ("index.json", index), (BlobPath(layer), layer), (BlobPath(config), config), (BlobPath(manifest), manifest),
            })
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) });
            }
        }

        CarriedContainer document = new() { Names = [name, byDigest], Digest = Digest(manifest), Archive = $"{file}.tar", Source = "test" };
        File.WriteAllBytes(Path.Combine(folder, $"{file}.json"), document.ToJson());
        return document;
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";

    private static string BlobPath(byte[] content) => $"blobs/sha256/{Digest(content)["sha256:".Length..]}";

    private static string Descriptor(string type, byte[] content) => $$"""{"mediaType":"{{type}}","digest":"{{Digest(content)}}","size":{{content.Length}}}""";
}
