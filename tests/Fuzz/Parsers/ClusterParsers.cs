using System.Security.Cryptography;
using System.Text.Json;
using Images.Baker;
using Images.Baker.Backups;
using Images.Baker.Seeds;
using Images.Baker.Ssh;
using Images.Baker.Upgrading;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.LoadBalancing;
using Images.Formats;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Ssh;
using Images.NodeConfig.Upgrades;

namespace Images.Fuzz.Parsers;

/// <summary>What the programs beside ours say (haproxy, etcd's metrics, resolved's reverse names), and what people keep of a cluster.</summary>
internal static class ClusterParsers
{
    private static readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

    private static readonly UpgradeManifest _upgrade = new()
    {
        Name = "node",
        Version = "0.2.0",
        Architecture = "amd64",
        RootHash = new string('b', 64),
        RootBytes = 8192,
        RootSha256 = "",
        Verity = new UpgradeVerity { Salt = "", DataBlocks = 1, HashStartBlock = 1 },
        SlotBytes = 1 << 20,
        UkiBytes = 4096,
        UkiSha256 = "",
        Kernel = "6.1.0",
        Kubernetes = "1.20.2",
        Etcd = "3.4.23",
    };

    public static IEnumerable<FuzzedParser> All =>
    [
        new() { Name = "haproxy-servers", Declared = [typeof(InvalidDataException)], Read = bytes => BackendSlot.Read(MetadataParsers.Text(bytes)) },
        new() { Name = "haproxy-sessions", Declared = [], Read = bytes => HaproxySessions.Read(MetadataParsers.Text(bytes)) },
        new()
        {
            Name = "etcd-metrics", // two looks, one after the other
            Declared = [],
            Read = bytes =>
            {
                string text = MetadataParsers.Text(bytes);
                FsyncLatency earlier = FsyncLatency.Parse(text[..(text.Length / 2)]), later = FsyncLatency.Parse(text[(text.Length / 2)..]);
                later.P99Since(new FsyncLatency([]), 1);
                later.P99Since(earlier, 1);
            },
        },
        new() { Name = "resolved-names", Declared = [typeof(JsonException), typeof(InvalidDataException)], Read = bytes => ReverseNames.Read(bytes) },
        new() { Name = "address-range", Declared = [], Read = bytes => _ = AddressRange.TryParse(MetadataParsers.Text(bytes)) is { } range ? range.Count : 0 },
        new() { Name = "hosts-file", Declared = [typeof(ConfigurationException), typeof(BakeException)], Read = bytes => InFile.Read(bytes, path => HostsFile.Read(path)) },
        new()
        {
            Name = "known-hosts",
            Declared = [],
            Read = bytes => new KnownHosts(MetadataParsers.Text(bytes).Split('\n')).Has("10.240.0.11", 2222, bytes),
        },
        new()
        {
            Name = "host-keys",
            Declared = [typeof(MalformedDataException)],
            Read = bytes => _ = HostKeyWord.FromJson(bytes, "fuzz").Keys.Sum(key => key.Fingerprint.Length),
        },
        new()
        {
            Name = "machine-look",
            Declared = [typeof(BakeException)],
            Read = bytes => _ = UpgradeRules.Refusal("fuzz", MachineLook.Parse(MetadataParsers.Text(bytes), "fuzz"), _upgrade, again: false)?.Message.Length,
        },
        new() { Name = "machine-status", Declared = [typeof(BakeException)], Read = bytes => _ = MachineHealth.Parse(MetadataParsers.Text(bytes), "fuzz").All.Count() },
        new() { Name = "known-machines", Declared = [typeof(JsonException)], Read = bytes => _ = KnownMachineFile.Parse(bytes).Sum(machine => machine.Lines.Count()) },
        new()
        {
            Name = "backup",
            Declared = [typeof(MalformedDataException)],
            Samples = () => [Encrypt(10), Encrypt(100_000)],
            Read = bytes => BackupCipher.DecryptAsync(new MemoryStream(bytes), "fuzz", Stream.Null, _key, CancellationToken.None).GetAwaiter().GetResult(),
        },
    ];

    private static byte[] Encrypt(int length)
    {
        using MemoryStream output = new();
        BackupCipher.EncryptAsync(new MemoryStream(new byte[length]), output, _key, CancellationToken.None).GetAwaiter().GetResult();
        return output.ToArray();
    }
}
