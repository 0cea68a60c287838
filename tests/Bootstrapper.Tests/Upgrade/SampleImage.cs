using System.Formats.Tar;
using System.Security.Cryptography;
using Images.Baker.Outputs;
using Images.Formats.Verity;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Tests.Upgrade;

/// <summary>An image whose root has a hash tree of two levels.</summary>
internal sealed class SampleImage
{
    private const int DataBlocks = 200;

    public SampleImage(int seed, string version = "0.2.0", int dataBlocks = DataBlocks)
    {
        Random random = new(seed);
        Uki = new byte[150_000];
        random.NextBytes(Uki);
        byte[] data = new byte[dataBlocks * VerityTree.BlockSize];
        random.NextBytes(data);
        using MemoryStream root = new();
        root.Write(data);
        Info = VerityTree.Append(root, data.Length);
        Root = root.ToArray();
        Manifest = new UpgradeManifest
        {
            Name = "node",
            Version = version,
            Architecture = "amd64",
            RootHash = Info.RootHash,
            RootBytes = Root.Length,
            RootSha256 = Convert.ToHexStringLower(SHA256.HashData(Root)),
            Verity = new UpgradeVerity { Salt = Info.Salt, DataBlocks = Info.DataBlocks, HashStartBlock = Info.HashStartBlock },
            SlotBytes = Root.Length,
            UkiBytes = Uki.Length,
            UkiSha256 = Convert.ToHexStringLower(SHA256.HashData(Uki)),
            Kernel = "6.12.1-amd64",
        };
    }

    public byte[] Uki { get; }

    public byte[] Root { get; }

    public VerityInfo Info { get; }

    public UpgradeManifest Manifest { get; }

    public byte[] Pack() => Pack(Manifest, Root);

    public byte[] Pack(UpgradeManifest manifest, byte[] root) => Pack([("manifest.json", manifest.ToJson()), ("uki.efi", Uki), ("root", root)]);

    /// <summary>What a bake with <c>--from</c> writes.</summary>
    public byte[] PackDelta(SampleImage from)
    {
        byte[] uki = DeltaWriter.Write(from.Uki, Uki), root = DeltaWriter.Write(from.Root, Root.AsMemory(0, (int)Info.HashOffsetBytes));
        UpgradeManifest manifest = Manifest with
        {
            Delta = new UpgradeBase
            {
                FromRootHash = from.Info.RootHash,
                Bytes = root.Length,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(root)),
                UkiBytes = uki.Length,
                UkiSha256 = Convert.ToHexStringLower(SHA256.HashData(uki)),
            },
        };
        return Pack([("manifest.json", manifest.ToJson()), ("uki.delta", uki), ("root.delta", root)]);
    }

    private static byte[] Pack((string Name, byte[] Bytes)[] parts)
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in parts)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
            }
        }

        return archive.ToArray();
    }
}
