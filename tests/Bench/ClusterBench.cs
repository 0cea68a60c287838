using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>A whole cluster on one emulated machine: from power to a pod that is Ready, and what it uses when nothing happens.</summary>
/// <param name="work">Folder for the machine.</param>
/// <param name="emptyHost">The published Hosting program that the agent is compared with.</param>
internal sealed class ClusterBench(string work, string emptyHost)
{
    private const string Address = "10.240.0.11";
    private const string EmptyHost = "/tmp/empty-host";
    private static readonly TimeSpan _settling = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _idle = TimeSpan.FromMinutes(2);

    private static readonly (string Role, string[] Units)[] _roles =
    [
        ("etcd", ["etcd.service"]),
        ("master", ["kube-apiserver.service", "kube-controller-manager.service", "kube-scheduler.service"]),
        ("worker", ["containerd.service", "kubelet.service", "kube-proxy.service", "cluster-dns.service"]),
        ("the agent", ["bootstrapper-agent.service"]),
    ];

    public IEnumerable<Measured> Run()
    {
        ClusterSeeds seeds = new(Path.Combine(work, "cluster"));
        using LabNetwork network = new(Path.Combine(work, "network"));
        network.Serve();
        foreach (string name in new[] { "etcd", "masters", "workers" })
        {
            network.SetRecords($"{name}.{seeds.Cluster}.k8s", [Address]);
        }

        using VirtualMachine machine = new(new MachineOptions
        {
            Name = "bench-cluster",
            Processors = 2,
            MemoryMebibytes = 3072,
            Folder = work,
            SeedImage = seeds.Role("etcd,master,worker", size: 1),
            Network = network,
            Address = Address,
        });
        Kubectl kubectl = new(network, seeds, Address);
        long powerOn = Stopwatch.GetTimestamp();
        machine.Start();
        machine.WaitFor("bootstrapper: ready: kube-apiserver.service", 900);
        kubectl.WaitFor("a Node that is Ready", 900, nodes => nodes.Contains(" Ready ", StringComparison.Ordinal), machine, "get", "nodes", "--no-headers");
        double node = Stopwatch.GetElapsedTime(powerOn).TotalSeconds;
        string timeline = string.Join(", ", Regex.Matches(machine.Console.Text, @"bootstrapper: ready: (\S+)\.service after (\d+) s").Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}"));
        string how = "wall clock from the start of the virtual machine, first boot; 2 virtual CPUs, 3 GiB, OVMF, etcd, master and worker on it";
        yield return Measured.Seconds("emulated firmware → Node Ready", node, $"{how}; until `kubectl get nodes` says so. Ready after seconds from the start of `bootstrapper boot`: {timeline}. "
            + "The laboratory's plain Debian machine of the same size, without agent, approval or sandboxes, took 94 to 120 s");
        kubectl.Apply(EchoPods.Manifest("echo", replicas: 1, nodePort: 30080));
        kubectl.WaitFor("a pod that is Ready", 900, pods => pods.Contains(" 1/1 ", StringComparison.Ordinal), machine, "get", "pods", "--no-headers");
        double pod = Stopwatch.GetElapsedTime(powerOn).TotalSeconds;
        yield return Measured.Seconds("emulated firmware → pod Ready", pod, $"{how}; the Deployment is applied when the Node is Ready. The laboratory's took 112 to 138 s");

        Thread.Sleep(_settling);
        Dictionary<string, long> before = Processor(machine, seeds);
        long started = Stopwatch.GetTimestamp();
        Thread.Sleep(_idle);
        Dictionary<string, long> after = Processor(machine, seeds);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double Share(IEnumerable<string> units) => units.Sum(unit => after[unit] - before[unit]) / 1e9 / seconds * 100;
        Dictionary<string, long> memory = Show(machine, seeds, "MemoryCurrent");
        yield return new Measured("idle processor of the roles, emulated", string.Join(", ", _roles.Select(role => $"{role.Role} {Percent(Share(role.Units))}")), "", null,
            $"of one emulated core, by systemd's accounts over {seconds:0} s, {_settling.TotalMinutes:0} minutes after the pod was Ready; one Node, one pod. "
            + string.Join(", ", _roles.SelectMany(role => role.Units).Select(unit => $"{unit.Replace(".service", "", StringComparison.Ordinal)} {Percent(Share([unit]))}")));
        yield return new Measured("memory of the roles", string.Join(", ", _roles.Select(role => $"{role.Role} {role.Units.Sum(unit => memory[unit]) >> 20} MiB")), "", null,
            "of their units' control groups, page cache of their files included, at the same time");
        yield return IdleAgent(machine, seeds, Share(["bootstrapper-agent.service"]));
        yield return Resident(machine, seeds);
    }

    /// <summary>One program that does the same on both sides tells how much slower the emulated processor is.</summary>
    private static Measured IdleAgent(VirtualMachine machine, ClusterSeeds seeds, double emulatedPercent)
    {
        const string Script = "TIMEFORMAT='%U %S'; time (for run in 1 2 3 4 5; do {0} usage > /dev/null 2>&1 || true; done) 2>&1";
        string program = Path.Combine(BakedImage.Artifacts, "bootstrapper", "bootstrapper");
        string emulated = machine.Ssh(seeds.SshKey, $"bash -c \"{{ {string.Format(CultureInfo.InvariantCulture, Script, NodePaths.Program)}; }} 2>&1\"");
        string native = Judge.Run("bash", "-c", $"{{ {string.Format(CultureInfo.InvariantCulture, Script, program)}; }} 2>&1");
        double slower = Seconds(emulated) / Seconds(native);
        double percent = emulatedPercent / slower;
        return new Measured("idle processor of the agent, reckoned for a native core", string.Create(CultureInfo.InvariantCulture, $"{percent:0.00} %"), "< 0.2 %", percent < 0.2,
            string.Create(CultureInfo.InvariantCulture, $"{emulatedPercent:0.0} % of an emulated core on the machine above, its programs' shares included, divided by {slower:0}: so much more processor time `bootstrapper` takes there to print its usage than here ({Seconds(emulated) / 5:0.00} s and {Seconds(native) / 5:0.000} s, mean of five)"));
    }

    /// <summary>Of "user system".</summary>
    private static double Seconds(string times) => times.Trim().Split(' ').Sum(each => double.Parse(each, CultureInfo.InvariantCulture));

    /// <summary>Both on the same machine at the same time.</summary>
    private Measured Resident(VirtualMachine machine, ClusterSeeds seeds)
    {
        machine.Ssh(seeds.SshKey, $"cat > {EmptyHost} && chmod +x {EmptyHost}", input: File.ReadAllBytes(emptyHost));
        string text = machine.Ssh(seeds.SshKey, $"DOTNET_TieredPGO=0 {EmptyHost} stay > /dev/null 2>&1 & sleep 30; cat /proc/$!/status; kill $!; "
            + "echo; sudo cat /proc/$(systemctl show --property MainPID --value bootstrapper-agent.service)/status");
        double[] resident = [.. Regex.Matches(text, @"VmRSS:\s+(\d+) kB").Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) / 1024)];
        return Measured.Ratio("resident memory of the agent / of an empty Hosting program", resident[1] / resident[0], 1.5,
            string.Create(CultureInfo.InvariantCulture, $"VmRSS {resident[1]:0.0} MiB and {resident[0]:0.0} MiB, on the machine above: the agent of etcd, master and worker after some minutes, the empty program after 30 s; both self-contained, trimmed, ReadyToRun, one file, the empty one with .NET's settings otherwise"));
    }

    private static Dictionary<string, long> Processor(VirtualMachine machine, ClusterSeeds seeds) => Show(machine, seeds, "CPUUsageNSec");

    private static Dictionary<string, long> Show(VirtualMachine machine, ClusterSeeds seeds, string property)
    {
        string[] units = [.. _roles.SelectMany(role => role.Units)];
        string[] values = machine.Ssh(seeds.SshKey, $"for unit in {string.Join(' ', units)}; do systemctl show --property {property} --value $unit; done").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return units.Zip(values).ToDictionary(pair => pair.First, pair => long.Parse(pair.Second, CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    private static string Percent(double share) => share.ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
