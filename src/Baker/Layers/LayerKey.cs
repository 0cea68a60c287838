using System.Text;
using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>
/// Names a layer by all that its bytes depend on: the artefact, the pruning, the compressor, and this format.
/// </summary>
internal sealed record LayerKey
{
    /// <summary>Raised whenever the same artefact would make another layer.</summary>
    private const string FormatVersion = "layer-2";

    private LayerKey(Digest artefact, PruneRules rules)
    {
        string text = $"{FormatVersion}\n{artefact}\n{CompressorIdentity.Current}\n{rules}\n";
        Hex = Digest.Sha256(Encoding.UTF8.GetBytes(text)).Hex;
        Rules = rules;
    }

    /// <summary>Names the layer's file.</summary>
    public string Hex { get; }

    public PruneRules Rules { get; }

    public static LayerKey Of(Digest artefact, PruneRules rules) => new(artefact, rules);

    /// <summary>For files of our own: their paths, owners, times and digests stand for the artefact.</summary>
    public static LayerKey Of(FileTree tree, PruneRules rules)
    {
        StringBuilder text = new();
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            string content = node switch
            {
                FileNode file => $"file {file.Content.Digest}",
                SymlinkNode link => $"symlink {link.Target.Length} {link.Target}",
                HardLinkNode link => $"link {link.Target.Value.Length} {link.Target}",
                DeviceNode device => $"device {device.Kind} {device.Major} {device.Minor}",
                _ => "directory",
            };
            text.Append(
                $"{path.Value.Length} {path} {node.Mode} {node.Uid} {node.Gid} {node.ModifiedUnixSeconds} {content}\n");
        }

        return Of(Digest.Sha256(Encoding.UTF8.GetBytes(text.ToString())), rules);
    }
}
