using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;

namespace Images.Bench;

/// <summary>A whole cluster on one emulated machine: from power to a pod that is Ready, and what it uses when nothing happens.</summary>
/// <param name="work">Folder for the machine.</param>
/// <param name="peers">What the agent is compared with.</param>
/// <param name="baseline">An earlier image, to be compared with; null: only this one is measured.</param>
/// <param name="containers">The same machine as a container.</param>
internal sealed class ClusterBench(string work, AgentPeers peers, string? baseline, ContainerBench containers)
{
    private static readonly TimeSpan _settling = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _idle = TimeSpan.FromMinutes(2);

    private static readonly (string Role, string[] Units)[] _roles =
    [
        ("etcd", ["etcd.service"]),
        ("master", ["kube-apiserver.service", "kube-controller-manager.service", "kube-scheduler.service"]),
        ("worker", ["containerd.service", "kubelet.service", "kube-proxy.service", "cluster-dns.service", "cluster-names.service"]),
        ("the agent", ["bootstrapper-agent.service"]),
    ];

    public IEnumerable<Measured> Run()
    {
        (double Node, double Pod)? earlier = baseline is null ? null : Baseline(baseline);
        using LoneMachine one = new(work, new LoneMachineOptions { Kind = MachineKind.Qemu });
        (Machine machine, ClusterSeeds seeds) = (one.Machine, one.Seeds);
        (double node, double pod) = Birth(one);
        string timeline = string.Join(", ", Regex.Matches(machine.Console.Text, @"bootstrapper: ready: (\S+)\.service after (\d+) s").Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}"));
        string how = "wall clock from the start of the virtual machine, first boot; 2 virtual CPUs, 3 GiB, OVMF, etcd, master and worker on it";
        yield return Measured.Seconds("emulated firmware → Node Ready", node, $"{how}; until `kubectl get nodes` says so. Ready after seconds from the start of `bootstrapper boot`: {timeline}. "
            + "The laboratory's plain Debian machine of the same size, without agent, approval or sandboxes, took 94 to 120 s");
        yield return Measured.Seconds("emulated firmware → pod Ready", pod, $"{how}; the Deployment is applied when the Node is Ready. The laboratory's took 112 to 138 s");
        if (earlier is { } other)
        {
            yield return Measured.Ratio("emulated firmware → Node Ready, this image / the baseline's", node / other.Node, 0.7, string.Create(CultureInfo.InvariantCulture, $"{node:0.0} s and {other.Node:0.0} s, one first boot each, one after the other"));
            yield return Measured.Ratio("emulated firmware → pod Ready, this image / the baseline's", pod / other.Pod, 0.7, string.Create(CultureInfo.InvariantCulture, $"{pod:0.0} s and {other.Pod:0.0} s, the same boots"));
        }

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
        foreach (Measured row in new AgentBench(one, peers).Run())
        {
            yield return row;
        }

        one.Machine.CutPower();
        double contained = containers.SingleNodeReady();
        yield return new Measured("Node Ready, as a container / in QEMU", string.Create(CultureInfo.InvariantCulture, $"{contained / node:0.00}"), "", null, string.Create(CultureInfo.InvariantCulture, $"{contained:0.0} s from the unpacked root and {node:0.0} s from the firmware, the same seed"));
    }

    private (double Node, double Pod) Baseline(string image)
    {
        using LoneMachine one = new(Directory.CreateDirectory(Path.Combine(work, "baseline")).FullName, new LoneMachineOptions { Kind = MachineKind.Qemu, Image = image });
        return Birth(one);
    }

    /// <summary>Seconds from power on until its Node, and then a pod, is Ready.</summary>
    private static (double Node, double Pod) Birth(LoneMachine one)
    {
        (Machine machine, Kubectl kubectl) = (one.Machine, one.Kubectl());
        long powerOn = Stopwatch.GetTimestamp();
        machine.Start();
        machine.WaitFor("bootstrapper: ready: kube-apiserver.service", 900);
        kubectl.WaitFor("a Node that is Ready", 900, nodes => nodes.Contains(" Ready ", StringComparison.Ordinal), machine, "get", "nodes", "--no-headers");
        double node = Stopwatch.GetElapsedTime(powerOn).TotalSeconds;
        kubectl.Apply(EchoPods.Manifest("echo", replicas: 1, nodePort: 30080));
        kubectl.WaitFor("a pod that is Ready", 900, pods => pods.Contains(" 1/1 ", StringComparison.Ordinal), machine, "get", "pods", "--no-headers");
        return (node, Stopwatch.GetElapsedTime(powerOn).TotalSeconds);
    }

    private static Dictionary<string, long> Processor(Machine machine, ClusterSeeds seeds) => Show(machine, seeds, "CPUUsageNSec");

    private static Dictionary<string, long> Show(Machine machine, ClusterSeeds seeds, string property)
    {
        string[] units = [.. _roles.SelectMany(role => role.Units)];
        string[] values = machine.Ssh(seeds.SshKey, $"for unit in {string.Join(' ', units)}; do systemctl show --property {property} --value $unit; done").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return units.Zip(values).ToDictionary(pair => pair.First, pair => long.Parse(pair.Second, CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    private static string Percent(double share) => share.ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
