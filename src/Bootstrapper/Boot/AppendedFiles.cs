using System.Security.Cryptography;
using System.Text;
using Images.Bootstrapper.Files;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Boot;

/// <summary>
/// What files of <c>append: true</c> hold in the end. The sequence may run many times in one boot, so what stood in a
/// file before anything was appended in this boot is kept beside, and each run begins with that.
/// </summary>
internal sealed class AppendedFiles(NodeRoot root)
{
    private const string Folder = NodePaths.RunFolder + "/appended";

    private readonly Dictionary<string, byte[]> _written = new(StringComparer.Ordinal);

    /// <summary>To be asked for each entry in the order of the metadata: one path may have several.</summary>
    public byte[] ContentOf(WriteFile file) => _written[file.Path] = file.Append
        ? [.. _written.GetValueOrDefault(file.Path) ?? Original(file.Path), .. file.Content]
        : file.Content;

    private byte[] Original(string path)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)));
        string kept = root[$"{Folder}/{name}"];
        if (File.Exists(kept))
        {
            return File.ReadAllBytes(kept);
        }

        byte[] content = File.Exists(root[path]) ? File.ReadAllBytes(root[path]) : [];
        AtomicFile.Write(kept, content, AtomicFile.OwnerOnly);
        return content;
    }
}
