using System.Security.Cryptography;
using Images.Formats;
using Images.Formats.Tar;
using Images.Formats.Tree;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Outputs;

/// <summary>
/// Writes the parts of an upgrade in the order that <see cref="UpgradeArtefact"/> reads. The root is read once: its
/// digest, which stands in front of it, is known at its end, and the manifest has the same length whatever it is.
/// </summary>
internal static class UpgradeWriter
{
    private const int ChunkBytes = 1 << 20;

    private static readonly string _unknown = new('0', SHA256.HashSizeInBytes * 2);

    /// <param name="draft">All but the two digests.</param>
    /// <param name="uki">The kernel image.</param>
    /// <param name="root">As it stands in a slot, from its position on.</param>
    /// <param name="timeUnixSeconds">Of the parts.</param>
    /// <param name="output">Seekable, at its beginning. Left open.</param>
    public static void Write(
        UpgradeManifest draft, ReadOnlyMemory<byte> uki, Stream root, long timeUnixSeconds, Stream output)
    {
        UpgradeManifest manifest = draft with
        {
            UkiBytes = uki.Length,
            UkiSha256 = Digest.Sha256(uki.Span).Hex,
            RootSha256 = _unknown,
        };
        WritePart(UpgradeArtefact.ManifestName, manifest.ToJson());
        WritePart(UpgradeArtefact.UkiName, uki);
        output.Write(Header(UpgradeArtefact.RootName, manifest.RootBytes));
        string digest = CopyHashing(root, manifest.RootBytes, output);
        Pad(manifest.RootBytes);
        output.Write(new byte[2 * TarHeader.Size]);
        output.Position = 0;
        WritePart(UpgradeArtefact.ManifestName, (manifest with { RootSha256 = digest }).ToJson());
        output.Seek(0, SeekOrigin.End);

        void WritePart(string name, ReadOnlyMemory<byte> content)
        {
            output.Write(Header(name, content.Length));
            output.Write(content.Span);
            Pad(content.Length);
        }

        void Pad(long bytes) => output.Write(new byte[-bytes & (TarHeader.Size - 1)]);

        byte[] Header(string name, long bytes) =>
            TarHeaderWriter.WriteFile(TreePath.Parse(name), bytes, timeUnixSeconds);
    }

    /// <summary>Each chunk is hashed while it is written and the next one read.</summary>
    private static string CopyHashing(Stream root, long bytes, Stream output)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = new byte[ChunkBytes], ahead = new byte[ChunkBytes];
        Task hashing = Task.CompletedTask;
        for (long left = bytes; left > 0;)
        {
            Memory<byte> part = ahead.AsMemory(0, (int)Math.Min(left, ChunkBytes));
            root.ReadExactly(part.Span);
            hashing.GetAwaiter().GetResult();
            hashing = Task.Run(() => hash.AppendData(part.Span));
            output.Write(part.Span);
            (chunk, ahead) = (ahead, chunk);
            left -= part.Length;
        }

        hashing.GetAwaiter().GetResult();
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
