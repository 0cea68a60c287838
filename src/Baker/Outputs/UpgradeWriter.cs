using System.Security.Cryptography;
using Images.Baker.Signing;
using Images.Formats;
using Images.Formats.Tar;
using Images.Formats.Tree;
using Images.Formats.Verity;
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

    /// <param name="draft">All but the digests and the length of the kernel image.</param>
    /// <param name="uki">The kernel image.</param>
    /// <param name="root">As it stands in a slot, from its position on.</param>
    /// <param name="timeUnixSeconds">Of the parts.</param>
    /// <param name="output">Seekable, at its beginning. Left open.</param>
    /// <param name="key">Null for an upgrade that nobody signs.</param>
    public static void Write(
        UpgradeManifest draft, ReadOnlyMemory<byte> uki, Stream root, long timeUnixSeconds, Stream output,
        UpgradeSigningKey? key = null)
    {
        UpgradeManifest manifest = WithUki(draft, uki) with { RootSha256 = _unknown };
        WriteManifest(manifest, key, timeUnixSeconds, output);
        WritePart(UpgradeArtefact.UkiName, uki, timeUnixSeconds, output);
        WriteHeader(UpgradeArtefact.RootName, manifest.RootBytes, timeUnixSeconds, output);
        string digest = CopyHashing(root, manifest.RootBytes, output);
        Pad(manifest.RootBytes, output);
        WriteEnd(output);
        output.Position = 0;
        WriteManifest(manifest with { RootSha256 = digest }, key, timeUnixSeconds, output);
        output.Seek(0, SeekOrigin.End);
    }

    /// <param name="draft">All but the digests and the length of the kernel image.</param>
    /// <param name="old">The image that the delta starts from.</param>
    /// <param name="uki">The kernel image.</param>
    /// <param name="root">As it stands in a slot.</param>
    /// <param name="timeUnixSeconds">Of the parts.</param>
    /// <param name="output">Left open.</param>
    /// <param name="key">Null for a delta that nobody signs.</param>
    public static void WriteDelta(
        UpgradeManifest draft, OlderImage old, ReadOnlyMemory<byte> uki, ReadOnlyMemory<byte> root,
        long timeUnixSeconds, Stream output, UpgradeSigningKey? key = null)
    {
        // the hash tree is left out: the node makes it anew
        int dataBytes = checked((int)(draft.Verity.DataBlocks * VerityTree.BlockSize));
        byte[] ukiDelta = DeltaWriter.Write(old.Uki, uki), rootDelta = DeltaWriter.Write(old.Root, root[..dataBytes]);
        UpgradeManifest manifest = WithUki(draft, uki) with
        {
            RootSha256 = Digest.Sha256(root.Span).Hex,
            Delta = new UpgradeBase
            {
                FromRootHash = old.RootHash,
                Bytes = rootDelta.Length,
                Sha256 = Digest.Sha256(rootDelta).Hex,
                UkiBytes = ukiDelta.Length,
                UkiSha256 = Digest.Sha256(ukiDelta).Hex,
            },
        };
        WriteManifest(manifest, key, timeUnixSeconds, output);
        WritePart(UpgradeArtefact.UkiDeltaName, ukiDelta, timeUnixSeconds, output);
        WritePart(UpgradeArtefact.RootDeltaName, rootDelta, timeUnixSeconds, output);
        WriteEnd(output);
    }

    /// <summary>
    /// The signature is of the manifest's bytes, and the manifest has the digests of all other parts.
    /// </summary>
    private static void WriteManifest(
        UpgradeManifest manifest, UpgradeSigningKey? key, long timeUnixSeconds, Stream output)
    {
        byte[] json = manifest.ToJson();
        WritePart(UpgradeArtefact.ManifestName, json, timeUnixSeconds, output);
        if (key is not null)
        {
            WritePart(UpgradeArtefact.SignatureName, key.Sign(json), timeUnixSeconds, output);
        }
    }

    private static UpgradeManifest WithUki(UpgradeManifest draft, ReadOnlyMemory<byte> uki) => draft with
    {
        UkiBytes = uki.Length,
        UkiSha256 = Digest.Sha256(uki.Span).Hex,
    };

    private static void WritePart(string name, ReadOnlyMemory<byte> content, long timeUnixSeconds, Stream output)
    {
        WriteHeader(name, content.Length, timeUnixSeconds, output);
        output.Write(content.Span);
        Pad(content.Length, output);
    }

    private static void WriteHeader(string name, long bytes, long timeUnixSeconds, Stream output) =>
        output.Write(TarHeaderWriter.WriteFile(TreePath.Parse(name), bytes, timeUnixSeconds));

    private static void Pad(long bytes, Stream output) => output.Write(new byte[-bytes & (TarHeader.Size - 1)]);

    private static void WriteEnd(Stream output) => output.Write(new byte[2 * TarHeader.Size]);

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
