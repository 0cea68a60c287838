using System.Text;
using Images.Bootstrapper.Datasources.NoCloud;
using Images.Bootstrapper.Machine;
using Images.Formats.Gzip;
using Images.Formats;
using Images.Launcher.Hosts;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;

namespace Images.Fuzz.Parsers;

/// <summary>What firmware, hypervisor and kernel hand over.</summary>
internal static class MachineParsers
{
    /// <summary>A machine without firmware tables.</summary>
    private static readonly Dmi _noMachine = Dmi.Of(new Dictionary<string, string>());

    public static IEnumerable<FuzzedParser> All =>
    [
        new()
        {
            Name = "smbios-line",
            Declared = [],
            Read = bytes => NoCloudLine.FromSerial(Encoding.Latin1.GetString(bytes).Trim(), _noMachine)?.Override("instance-id: a\n"u8.ToArray()),
        },
        new()
        {
            Name = "command-line",
            Declared = [],
            Read = bytes =>
            {
                string line = Encoding.Latin1.GetString(bytes);
                NoCloudLine.Parse(KernelCommandLine.Value(line, "ds") ?? "", _noMachine);
                string? url = KernelCommandLine.Value(line, "node.config");
                _ = url is null ? "" : ShownUrl.Of(url);
            },
        },
        new()
        {
            Name = "overridden-meta-data",
            Declared = [],
            Read = bytes => new NoCloudLine { InstanceId = "i-1", Hostname = "host" }.Override(bytes),
        },
        new() { Name = "gzip", Declared = [typeof(MalformedDataException)], Read = bytes => GzipData.Decompress(bytes, 1 << 20, "fuzz") },
        new() { Name = "token", Declared = [], Read = bytes => BootstrapToken.TryParse(MetadataParsers.Text(bytes)) },
        new() { Name = "account-key", Declared = [], Read = bytes => ServiceAccountKey.TryParse(MetadataParsers.Text(bytes)) },
        new()
        {
            Name = "control-groups",
            Declared = [],
            Read = bytes =>
            {
                string[] files = Encoding.Latin1.GetString(bytes).Split("\n\n", 2);
                ControlGroupMount.Read(files[0].Split('\n'), files.Length > 1 ? files[1].Split('\n') : []);
            },
        },
    ];
}
