using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Images.Formats.Tree;

namespace Images.Formats.Fat32;

/// <summary>
/// One digest over what a FAT volume can hold of a tree: paths, kinds and contents. The volume's serial number is its
/// first four bytes, so a reader that hashes the files again sees a change that FAT itself has no checksum for.
/// </summary>
internal static class Fat32ContentDigest
{
    public static Digest Of(FileTree tree)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            string content = node is FileNode file ? file.Content.Digest.Hex : "folder";
            hash.AppendData(Encoding.UTF8.GetBytes($"{path.Value}\0{content}\0"));
        }

        return Digest.FromSha256(hash.GetHashAndReset());
    }

    public static uint Serial(Digest digest) => BinaryPrimitives.ReadUInt32BigEndian(digest.ToBytes());
}
