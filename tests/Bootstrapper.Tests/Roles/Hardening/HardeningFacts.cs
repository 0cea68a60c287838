using System.Text.RegularExpressions;
using Images.NodeConfig.Yaml;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Roles.Hardening;

/// <summary>What a machine of every role has: its files as the golden lists them, and those of the image as they are in roles/.</summary>
internal sealed partial class HardeningFacts(GoldenMachine machine)
{
    private const string Files = "roles/common/files/";

    /// <summary>All values of a key; none where it is not set.</summary>
    public IReadOnlyList<string> Values(string component, string key) => component switch
    {
        "kube-apiserver" or "kube-controller-manager" or "kube-scheduler" => Flags(component, key),
        "kubelet" when key.StartsWith("--", StringComparison.Ordinal) => Flags(component, key),
        "kubelet" or "kube-proxy" => OfYaml(StrictYaml.Parse(machine.Text($"/etc/kubernetes/{component}.yaml"), component), key),
        "pod-security" => PodSecurity(key),
        "etcd" => Assigned(machine.Text("/etc/etcd/etcd.env"), key),
        "sysctl" => Assigned(Read(Files + "usr/lib/sysctl.d/60-images.conf"), key),
        "sysctl of workers" => Assigned(machine.Text("/etc/kubernetes/worker-sysctl.conf"), key),
        "network card" => Assigned(Read(Files + "usr/lib/systemd/network/70-dhcp.network"), key),
        "systemd" => Assigned(Read(Files + "usr/lib/systemd/system.conf.d/60-images.conf"), key),
        "sshd" => Words(Read(Files + "etc/ssh/sshd_config"), key),
        "modprobe" => ModuleRule(Read(Files + "usr/lib/modprobe.d/60-images.conf"), key),
        "kernel" => KernelWord(key),
        "fstab" => MountOptions(Read(Files + "etc/fstab"), key),
        _ when component.EndsWith(".service", StringComparison.Ordinal) => Assigned(UnitText(component), key),
        _ => throw new InvalidOperationException($"docs/hardening.csv: nobody knows where '{component}' is read"),
    };

    public GoldenFile? File(string path) => machine.Files.GetValueOrDefault(path);

    public bool HasAnythingAt(string path) =>
        machine.Files.Keys.Any(file => file == path || file.StartsWith(path + "/", StringComparison.Ordinal));

    private static string Read(string path) => System.IO.File.ReadAllText(Path.Combine(Checkout.Folder, path));

    private static string UnitText(string unit) => string.Concat(
        Directory.EnumerateFiles(SampleMachine.RolesFolder, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith("/units/" + unit, StringComparison.Ordinal) || file.Contains($"/units/{unit}.d/", StringComparison.Ordinal))
            .Select(System.IO.File.ReadAllText));

    private string[] Flags(string program, string flag) =>
    [
        .. Flag().Matches(machine.Text($"/etc/kubernetes/{program}.env") + machine.Text($"/etc/kubernetes/{program}-version.env"))
            .Where(match => match.Groups[1].Value == flag).Select(match => match.Groups[2].Value),
    ];

    private static string[] Assigned(string text, string key) =>
    [
        .. text.Split('\n').Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2 && parts[0].Trim() == key).Select(parts => parts[1].Trim()),
    ];

    private static string[] Words(string text, string key) =>
        [.. text.Split('\n').Where(line => line.StartsWith(key + " ", StringComparison.Ordinal)).Select(line => line[(key.Length + 1)..])];

    private static string[] ModuleRule(string text, string module) =>
    [
        .. text.Split('\n').Select(line => line.Split(' ', 3)).Where(words => words.Length > 1 && words[1] == module)
            .Select(words => string.Join(' ', words.Where((_, i) => i != 1))),
    ];

    /// <summary>Of fstab(5): device, place, type, options.</summary>
    private static string[] MountOptions(string text, string place) =>
    [
        .. text.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 3 && fields[1] == place).Select(fields => fields[3]),
    ];

    private static string[] KernelWord(string key)
    {
        string line = StrictYaml.ParseMapping(Read("image.yaml"), "image.yaml").RequiredMapping("boot").RequiredText("commandLine");
        return [.. line.Split(' ').Select(word => word.Split('=', 2)).Where(parts => parts[0] == key).Select(parts => parts.ElementAtOrDefault(1) ?? "")];
    }

    private IReadOnlyList<string> PodSecurity(string key)
    {
        string text = machine.Text("/etc/kubernetes/kube-apiserver/admission.yaml");
        return text.Length == 0 ? [] : OfYaml(
            StrictYaml.ParseMapping(text, "admission.yaml").MappingList("plugins").Single(plugin => plugin.RequiredText("name") == "PodSecurity")
                .RequiredNode("configuration"),
            key);
    }

    /// <summary>A list counts as its items with commas between.</summary>
    private static string[] OfYaml(YamlNode? node, string path)
    {
        foreach (string key in path.Split('.'))
        {
            node = (node as YamlMapping)?.Find(key)?.Value;
        }

        return node switch
        {
            YamlScalar scalar => [scalar.Value],
            YamlSequence list => [string.Join(',', list.Items.Cast<YamlScalar>().Select(item => item.Value))],
            _ => [],
        };
    }

    [GeneratedRegex(@"(?:^|[ =])(--[a-z0-9-]+)=(\S*)", RegexOptions.Multiline)]
    private static partial Regex Flag();
}
