using System.Diagnostics;
using Images.Bootstrapper.Kubernetes.ClusterDns;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.ClusterDns;

/// <summary>
/// A worker with the name servers that its role describes (Debian's dnsmasq, ours behind it), a pod of it, and the server that the machine itself asks,
/// each in a network namespace. What root would do by systemd is read from the unit.
/// </summary>
internal sealed class NameServerLab : IDisposable
{
    public const string Address = "10.32.0.10";

    private const string Upstream = "192.0.2.53";

    private readonly TemporaryFolder _folder = new();
    private readonly NetworkNamespace _machine = NetworkNamespace.Create();
    private readonly NetworkNamespace _pod;
    private readonly NetworkNamespace _world;
    private readonly List<Process> _servers = [];
    private Process? _names;
    private readonly string _unit = File.ReadAllText(Path.Combine(SampleMachine.RolesFolder, "worker/units", ClusterDnsDuty.Unit));
    private readonly string _namesUnit = File.ReadAllText(Path.Combine(SampleMachine.RolesFolder, "worker/units/cluster-names.service"));

    public NameServerLab(string upstreamRecords)
    {
        _machine.Ip("link set lo up");
        _pod = Link("cni0", "10.200.1.1/24", "10.200.1.2/24");
        _pod.Ip("route add default via 10.200.1.1");
        _world = Link("eth0", "192.0.2.1/24", $"{Upstream}/24");
        File.WriteAllText(_folder["upstream.conf"], $"listen-address={Upstream}\nbind-interfaces\nno-hosts\nno-resolv\npid-file\nlog-queries\nlog-facility={_folder["upstream.log"]}\n{upstreamRecords}\n");
        _servers.Add(_world.StartInside("dnsmasq", "--no-daemon", $"--conf-file={_folder["upstream.conf"]}"));
        File.WriteAllText(_folder["resolv.conf"], $"nameserver {Upstream}\n");
        WriteConfiguration();
    }

    public string Records => _folder["hosts"];

    public string Zone => _folder["zone"];

    /// <summary>What the server outside was asked.</summary>
    public string AskedOutside => File.ReadAllText(_folder["upstream.log"]);

    public string MachineAddresses => _machine.Run("ip", "address", "show", "dev", "lo");

    /// <summary>What the unit does as root before or after its program.</summary>
    public void RunUnitCommand(string key)
    {
        string[] commands = [.. _unit.Split('\n').Where(line => line.StartsWith(key + "=+", StringComparison.Ordinal) && line.Contains("/ip ", StringComparison.Ordinal))];
        _machine.Ip(commands.ShouldHaveSingleItem().Split("/ip ")[1].Replace("${ADDRESS}", File.ReadAllText(_folder["cluster-dns.env"]).Trim().Split('=')[1], StringComparison.Ordinal));
    }

    /// <summary>As root of a user namespace it could not become another user: --no-daemon leaves that out, and forking.</summary>
    public async Task StartAsync()
    {
        _unit.ShouldContain("ExecStart=/usr/sbin/dnsmasq --keep-in-foreground --conf-file=/etc/kubernetes/cluster-dns.conf\n");
        StartNames();
        _servers.Add(_machine.StartInside("dnsmasq", "--no-daemon", $"--conf-file={_folder["cluster-dns.conf"]}"));
        await UntilAsync(() => Dig("nobody.cluster.local").Contains("status: NXDOMAIN", StringComparison.Ordinal));
    }

    /// <summary>Ours, as its unit starts it.</summary>
    public void StartNames()
    {
        const string Start = "ExecStart=/usr/lib/bootstrapper/bootstrapper ";
        string[] arguments = _namesUnit.Split('\n').Single(line => line.StartsWith(Start, StringComparison.Ordinal))[Start.Length..].Split(' ');
        arguments[2].ShouldBe(ClusterDnsDuty.Zone);
        (arguments[2], arguments[3]) = (Zone, Address);
        _names = _machine.StartInside(Path.Combine(AppContext.BaseDirectory, "bootstrapper"), arguments);
    }

    public void StopNames()
    {
        _names!.Kill();
        _names.WaitForExit();
        _names.Dispose();
        _names = null;
    }

    public void ReadAgain() => Judge.Run("kill", "-HUP", $"{_servers[^1].Id}");

    /// <summary>What dig, in the pod, prints of header and answer.</summary>
    public string Dig(params string[] question) =>
        _pod.Try("dig", ["+noall", "+comments", "+answer", "+tries=1", "+time=2", $"@{Address}", .. question]).Output;

    /// <summary>The answers alone, sorted.</summary>
    public string[] Answers(params string[] question) =>
        [.. _pod.Try("dig", ["+short", "+tries=1", "+time=2", $"@{Address}", .. question]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    public static async Task UntilAsync(Func<bool> condition)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(30);
        while (!condition())
        {
            (DateTimeOffset.UtcNow < end).ShouldBeTrue("it did not come to pass");
            await Task.Delay(50);
        }
    }

    public void Dispose()
    {
        if (_names is not null)
        {
            StopNames();
        }

        foreach (Process server in _servers)
        {
            server.Kill();
            server.WaitForExit();
            server.Dispose();
        }

        _pod.Dispose();
        _world.Dispose();
        _machine.Dispose();
        _folder.Dispose();
    }

    private NetworkNamespace Link(string device, string here, string there)
    {
        NetworkNamespace other = _machine.CreateBeside();
        _machine.Ip($"link add {device} type veth peer name eth0 netns {other.Id}");
        _machine.Ip($"address add {here} dev {device}");
        _machine.Ip($"link set {device} up");
        other.Ip($"address add {there} dev eth0");
        other.Ip("link set eth0 up");
        return other;
    }

    private void WriteConfiguration()
    {
        SampleMachine machine = new(["worker"], "1.36.0");
        (RoleDefinition role, RoleService service) = machine.Services.Single(item => item.Service.Unit == ClusterDnsDuty.Unit);
        service.Needs.ShouldBe([ClusterDnsDuty.Records]);
        foreach (ServiceFile file in service.Files)
        {
            string text = machine.Render(role, service, file);
            if (file.Path.EndsWith(".conf", StringComparison.Ordinal))
            {
                text = Moved(Moved(Moved(text, ClusterDnsDuty.Records, Records), "/run/systemd/resolve/resolv.conf", _folder["resolv.conf"]), "user=cluster-dns", "user=root");
            }

            File.WriteAllText(_folder[Path.GetFileName(file.Path)], text);
        }
    }

    private static string Moved(string text, string old, string replacement)
    {
        text.ShouldContain($"{old}\n");
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }
}
