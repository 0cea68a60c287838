using System.Diagnostics;
using System.Net;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Roles;
using static System.FormattableString;

namespace Images.Bootstrapper.Tests.Kubernetes.PodRouting;

/// <summary>
/// Machines, pods and the world outside as network namespaces. With a router each machine is on a link of its own, otherwise all share one.
/// </summary>
internal sealed class PodLab : IDisposable
{
    public const string World = "192.0.2.100";

    public const string Metadata = "169.254.169.254";

    /// <summary>The control group that all are in, a machine's programs too.</summary>
    public const string EveryGroup = "/";

    private readonly bool _hasRouter;
    private readonly NetworkNamespace _middle = NetworkNamespace.Create();
    private readonly List<NetworkNamespace> _all = [];

    public PodLab(PodRoutingMode mode, bool hasRouter)
    {
        _hasRouter = hasRouter;
        Settings = new PodRoutingSettings
        {
            Mode = mode,
            Address = IPAddress.None,
            PodNetwork = IPNetwork.Parse("10.200.0.0/16"),
        };
        _all.Add(_middle);
        if (hasRouter)
        {
            Forward(_middle);
        }
        else
        {
            _middle.Ip("link add br0 type bridge");
            _middle.Ip("link set br0 up");
        }

        WorldMachine = AddMachine(World, "to-world");
        WorldMachine.Ip("address add 169.254.169.254/32 dev lo");
        if (hasRouter)
        {
            _middle.Ip($"route add 169.254.169.254/32 via {World}");
        }
    }

    public PodRoutingSettings Settings { get; }

    public NetworkNamespace WorldMachine { get; }

    /// <summary>A machine at an address of a /24, that forwards, with the image's settings of the kernel.</summary>
    public NetworkNamespace AddMachine(string address, string link)
    {
        NetworkNamespace machine = _middle.CreateBeside();
        _all.Add(machine);
        string network = address[..address.LastIndexOf('.')];
        _middle.Ip($"link add {link} type veth peer name eth0 netns {machine.Id}");
        machine.Ip("link set lo up");
        machine.Ip($"address add {address}/24 dev eth0");
        machine.Ip("link set eth0 up");
        if (_hasRouter)
        {
            _middle.Ip($"address add {network}.254/24 dev {link}");
            _middle.Ip($"link set {link} up");
            machine.Ip($"route add default via {network}.254");
        }
        else
        {
            _middle.Ip($"link set {link} master br0 up");
            if (link != "to-world")
            {
                machine.Ip($"route add 169.254.169.254/32 via {World}");
            }
        }

        Forward(machine);
        ApplySettings(machine);
        return machine;
    }

    /// <summary>A pod on a machine, with the second address of its share.</summary>
    public NetworkNamespace AddPod(NetworkNamespace machine, string share)
    {
        string network = share[..share.LastIndexOf('.')];
        NetworkNamespace pod = _middle.CreateBeside();
        _all.Add(pod);
        machine.Ip($"link add cni0 type veth peer name eth0 netns {pod.Id}");
        machine.Ip($"address add {network}.1/24 dev cni0");
        machine.Ip("link set cni0 up");
        pod.Ip($"address add {network}.2/24 dev eth0");
        pod.Ip("link set eth0 up");
        pod.Ip($"route add default via {network}.1");
        return pod;
    }

    public async Task<IReadOnlyList<string>> ApplyAsync(NetworkNamespace machine, string address, IReadOnlyList<PodMachine> machines, List<string>? changes = null)
    {
        PodRouter router = new((program, arguments, input, cancellationToken) =>
        {
            if (program == "iptables-restore" || (program == "nft" && input is not null) || arguments.Any(argument => argument is "add" or "delete" or "replace" or "set"))
            {
                changes?.Add($"{program} {string.Join(' ', arguments)}");
            }

            return machine.RunAsync(program, arguments, input, cancellationToken);
        });
        PodRoutingPlan plan = PodRoutingPlan.For(Settings with { Address = IPAddress.Parse(address) }, machines);
        return await router.ApplyAsync(plan, IPAddress.Parse(address), CancellationToken.None);
    }

    /// <summary>The guard's duty on a machine, from its start.</summary>
    /// <param name="machine">Where.</param>
    /// <param name="changes">The commands that change the rule for pods are added to it.</param>
    /// <param name="meanwhile">What happens before each later look; the duty is stopped before the next.</param>
    /// <returns>What it said.</returns>
    public static Task<IReadOnlyList<string>> GuardAsync(NetworkNamespace machine, List<string> changes, params Action[] meanwhile) =>
        GuardAsync(machine, EveryGroup, changes, meanwhile);

    /// <inheritdoc cref="GuardAsync(NetworkNamespace, List{string}, Action[])"/>
    /// <param name="services">The control group of services.</param>
    public static async Task<IReadOnlyList<string>> GuardAsync(NetworkNamespace machine, string services, List<string> changes, params Action[] meanwhile)
    {
        List<string> said = [];
        using CancellationTokenSource stop = new();
        int looks = 0;
        PacketFilter filter = new(async (program, arguments, input, cancellationToken) =>
        {
            if (program == "iptables-restore")
            {
                if (input!.Contains(":IMAGES-GUARD ", StringComparison.Ordinal))
                {
                    changes.Add($"{program} {string.Join(' ', arguments)}");
                }
            }
            else if (looks++ is > 0 and int look && look % 2 == 0 && look / 2 is int later)
            {
                if (later > meanwhile.Length)
                {
                    await stop.CancelAsync();
                }

                cancellationToken.ThrowIfCancellationRequested();
                meanwhile[later - 1]();
            }

            return await machine.RunAsync(program, arguments, input, cancellationToken);
        });
        await Should.ThrowAsync<OperationCanceledException>(new CloudMetadataGuard(filter, MetadataAddress.Of(platform: null), services, () => { }, new Narrator(said.Add), new VirtualTime()).RunAsync(stop.Token));
        return said;
    }

    public static bool Reaches(NetworkNamespace from, string address, int size = 56) =>
        from.Try("ping", "-n", "-c", "1", "-W", "2", "-M", "do", "-s", size.ToString(System.Globalization.CultureInfo.InvariantCulture), address).ExitCode == 0;

    /// <summary>Something that answers TCP and UDP at a port of the world: a server of names, judged by dig.</summary>
    public Server Serve(string address, int port)
    {
        Server server = new(WorldMachine.StartInside("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root", "--group=root", "--bind-interfaces", $"--listen-address={address}", Invariant($"--port={port}"), "--address=/up.test/192.0.2.7"));
        for (int attempt = 0; !Answers(WorldMachine, address, port); attempt++)
        {
            attempt.ShouldBeLessThan(50, "nothing answers where it was started");
        }

        return server;
    }

    public static bool Answers(NetworkNamespace from, string address, int port, string transport = "+tcp") =>
        from.Try("dig", "+tries=1", "+time=2", transport, "+short", $"@{address}", "-p", Invariant($"{port}"), "up.test").Output.Trim() == "192.0.2.7";

    /// <summary>How many echo requests the machine's kernel took in; the answers need not find back.</summary>
    public static long EchoRequests(NetworkNamespace machine)
    {
        string[] lines = [.. machine.Run("cat", "/proc/net/snmp").Split('\n').Where(line => line.StartsWith("Icmp:", StringComparison.Ordinal))];
        return long.Parse(lines[1].Split(' ')[Array.IndexOf(lines[0].Split(' '), "InEchos")], System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        foreach (NetworkNamespace item in Enumerable.Reverse(_all))
        {
            item.Dispose();
        }
    }

    /// <summary>Those of addresses and routes: what an image's systemd-sysctl makes of them for cards and what comes later.</summary>
    private static void ApplySettings(NetworkNamespace machine)
    {
        string[][] settings =
        [
            .. File.ReadAllLines(Path.Combine(SampleMachine.RolesFolder, "common/files/usr/lib/sysctl.d/60-images.conf"))
                .Where(line => line.StartsWith("net.ipv4.conf.", StringComparison.Ordinal)).Select(line => line.Split(" = ")),
        ];
        settings.ShouldContain(setting => setting[0].EndsWith("rp_filter", StringComparison.Ordinal));
        foreach (string[] setting in settings)
        {
            string files = "/proc/sys/" + setting[0].Replace('.', '/');
            machine.Run("sh", "-c", $"for file in {files}; do [ ! -e $file ] || echo {setting[1]} > $file; done");
        }
    }

    private static void Forward(NetworkNamespace machine) => machine.Run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");

    /// <summary>A program that is ended with the test.</summary>
    internal sealed class Server(Process program) : IDisposable
    {
        public void Dispose()
        {
            program.Kill();
            program.WaitForExit();
            program.Dispose();
        }
    }
}
