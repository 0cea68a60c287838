using System.Formats.Tar;
using System.Security.Cryptography;
using Images.NodeConfig.Upgrades;

namespace Images.NodeConfig.Tests.Upgrades;

/// <summary>A small upgrade, packed by .NET's own tar writer.</summary>
internal sealed record SampleUpgrade
{
    public const long RootBytes = (3 + 1) * 4096;

    public byte[] Uki { get; init; } = Bytes(9_000, 1);

    public byte[] Root { get; init; } = Bytes((int)RootBytes, 2);

    public UpgradeManifest Manifest => new()
    {
        Name = "node",
        Version = "0.2.0+k8s1.20.2-debian",
        Architecture = "amd64",
        RootHash = new string('a', 64),
        RootBytes = Root.Length,
        RootSha256 = Convert.ToHexStringLower(SHA256.HashData(Root)),
        Verity = new UpgradeVerity { Salt = new string('b', 64), DataBlocks = 3, HashStartBlock = 3 },
        SlotBytes = 1 << 20,
        UkiBytes = Uki.Length,
        UkiSha256 = Convert.ToHexStringLower(SHA256.HashData(Uki)),
        Kernel = "6.12.1-amd64",
        Kubernetes = "1.20.2",
        Etcd = "3.5.16",
    };

    public IEnumerable<(string Name, byte[] Bytes)> Parts =>
        [(UpgradeArtefact.ManifestName, Manifest.ToJson()), (UpgradeArtefact.UkiName, Uki), (UpgradeArtefact.RootName, Root)];

    public static byte[] Pack(IEnumerable<(string Name, byte[] Bytes)> parts, TarEntryType type = TarEntryType.RegularFile)
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in parts)
            {
                UstarTarEntry entry = new(type, name);
                if (type == TarEntryType.SymbolicLink)
                {
                    entry.LinkName = "elsewhere";
                }
                else
                {
                    entry.DataStream = new MemoryStream(bytes);
                }

                writer.WriteEntry(entry);
            }
        }

        return archive.ToArray();
    }

    public static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
