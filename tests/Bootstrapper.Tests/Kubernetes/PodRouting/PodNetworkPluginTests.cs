using System.Globalization;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Systemd;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.PodRouting;

/// <summary>What our configuration of the pods' network makes of Debian's CNI plugins (CNI specification 1.0.0, "ADD").</summary>
public sealed class PodNetworkPluginTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NetworkNamespace _machine = NetworkNamespace.Create();
    private readonly List<NetworkNamespace> _pods = [];

    public void Dispose()
    {
        _pods.ForEach(pod => pod.Dispose());
        _machine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task After_the_machines_share_has_changed_pods_start_with_addresses_of_the_new_one()
    {
        (await AddAsync("first", "10.200.1.0/24")).ShouldBe("10.200.1.2/24");
        Gateways().ShouldBe(["10.200.1.1"]);
        (await AddAsync("second", "10.200.7.0/24")).ShouldBe("10.200.7.2/24");
        Gateways().ShouldBe(["10.200.7.1"]);
        _pods[1].Try("ping", "-c", "1", "-W", "2", "10.200.7.1").ExitCode.ShouldBe(0);
    }

    /// <summary>The address of a new pod.</summary>
    private async Task<string> AddAsync(string container, string share)
    {
        NetworkNamespace pod = _machine.CreateBeside();
        _pods.Add(pod);
        string plugins = Path.GetDirectoryName(Judge.Find("host-local"))!;
        string[] variables =
        [
            "CNI_COMMAND=ADD", $"CNI_CONTAINERID={container}", string.Create(CultureInfo.InvariantCulture, $"CNI_NETNS=/proc/{pod.Id}/ns/net"), "CNI_IFNAME=eth0", $"CNI_PATH={plugins}",
        ];
        CommandResult added = await _machine.RunAsync("env", [.. variables, Path.Combine(plugins, "bridge")], Configuration(share), default);
        added.ExitCode.ShouldBe(0, added.Output + added.Reason);
        return (string)JsonNode.Parse(added.Output)!["ips"]![0]!["address"]!;
    }

    private string Configuration(string share)
    {
        string text = File.ReadAllText(Path.Combine(Checkout.Folder, "roles/worker/templates/cluster.conflist"))
            .Replace("{{node.pod-cidr}}", share, StringComparison.Ordinal).Replace("{{node.pod-mtu}}", "1500", StringComparison.Ordinal);
        JsonNode list = JsonNode.Parse(text)!;
        JsonNode plugin = list["plugins"]![0]!.DeepClone();
        plugin["type"]!.GetValue<string>().ShouldBe("bridge");
        (plugin["cniVersion"], plugin["name"]) = ((string)list["cniVersion"]!, (string)list["name"]!);
        plugin["ipam"]!["dataDir"] = _folder.FullPath; // this host's own stays as it is
        return plugin.ToJsonString();
    }

    private string[] Gateways() =>
    [
        .. JsonNode.Parse(_machine.Run("ip", "-json", "-4", "address", "show", "dev", "cni0"))![0]!["addr_info"]!.AsArray().Select(address => (string)address!["local"]!),
    ];
}
