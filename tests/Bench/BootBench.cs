using System.Diagnostics;
using System.Globalization;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.Bench;

/// <summary>From power to multi-user and to a healthy etcd, under emulation, first boot.</summary>
/// <param name="work">Folder for the machines.</param>
/// <param name="baseline">An earlier image, to be compared with; null: only this one is measured.</param>
internal sealed class BootBench(string work, string? baseline)
{
    private const string Address = "10.240.0.11";

    private static readonly string[] _units = ["bootstrapper-boot.service", "bootstrapper-agent.service", "etcd.service"];

    public IEnumerable<Measured> Run()
    {
        Boot? before = baseline is null ? null : First(baseline);
        Boot now = First(image: null);
        string how = "wall clock from the start of the virtual machine, first boot, state formatted on the way; 2 virtual CPUs, 1.5 GiB, OVMF";
        yield return Measured.Seconds("emulated firmware → multi-user.target", now.MultiUser, $"{how}; until systemd's line on the serial console; {Text(now.Kernel)} s of it until the kernel's first line. {now.BootShare}");
        yield return Measured.Seconds("emulated firmware → etcd healthy", now.Healthy, $"{how}; until the bootstrapper's line on the console, which asks etcd's health. {now.EtcdShare}");
        if (before is not null)
        {
            yield return Measured.Ratio("emulated firmware → multi-user.target, this image / the baseline's", now.MultiUser / before.MultiUser, 0.97, $"{Text(now.MultiUser)} s and {Text(before.MultiUser)} s, one boot each, one after the other");
            yield return Measured.Ratio("emulated firmware → etcd healthy, this image / the baseline's", now.Healthy / before.Healthy, 0.75, $"{Text(now.Healthy)} s and {Text(before.Healthy)} s, the same boots");
        }
    }

    private Boot First(string? image)
    {
        ClusterSeeds seeds = new(Path.Combine(work, "cluster"));
        using LabNetwork network = new(Path.Combine(work, "network"));
        network.SetRecords("etcd.demo.k8s", [Address]);
        using VirtualMachine machine = new(new VirtualMachineOptions
        {
            Name = "bench",
            Processors = 2,
            Folder = work,
            Image = image,
            Seed = seeds.Role("etcd", size: 1),
            Network = network,
            Address = Address,
        });
        long powerOn = Stopwatch.GetTimestamp();
        double Since(string line, int patience)
        {
            machine.WaitFor(line, patience);
            return Stopwatch.GetElapsedTime(powerOn).TotalSeconds;
        }

        machine.Start();
        double kernel = Since("Linux version", 120);
        double multiUser = Since(@"Reached target multi-user\.target", 300);
        double healthy = Since(@"bootstrapper: ready: etcd\.service", 300);
        Dictionary<string, string>[] units = Show(machine, seeds.SshKey);
        (Dictionary<string, string> boot, Dictionary<string, string> agent, Dictionary<string, string> etcd) = (units[0], units[1], units[2]);

        return new Boot(
            kernel,
            multiUser,
            healthy,
            $"The bootstrapper's share: {Between(boot, "InactiveExitTimestampMonotonic", "ActiveEnterTimestampMonotonic")} s from the start of `bootstrapper boot` to its READY, which multi-user.target waits for",
            $"The bootstrapper's share: {Between(etcd, "InactiveExitTimestampMonotonic", "ExecMainStartTimestampMonotonic")} s of `prepare etcd.service` before etcd starts "
            + $"(then {Between(etcd, "ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")} s of etcd until it notifies systemd); {Processor(boot)} s of CPU in `boot`, {Processor(agent)} s in `agent`, guest's clock");
    }

    /// <summary>What systemd knows of each unit.</summary>
    private static Dictionary<string, string>[] Show(Machine machine, string sshKey)
    {
        string text = machine.Ssh(sshKey, $"systemctl show {string.Join(' ', _units)} -p CPUUsageNSec -p InactiveExitTimestampMonotonic -p ActiveEnterTimestampMonotonic -p ExecMainStartTimestampMonotonic");
        return [.. text.Trim().Split("\n\n").Select(unit => unit.Split('\n').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal))];
    }

    private static string Between(Dictionary<string, string> unit, string from, string to) => Text((Number(unit[to]) - Number(unit[from])) / 1e6);

    private static string Processor(Dictionary<string, string> unit) =>
        long.TryParse(unit["CPUUsageNSec"], NumberStyles.None, CultureInfo.InvariantCulture, out long nanoseconds) ? Text(nanoseconds / 1e9) : "unaccounted";

    private static double Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(double seconds) => seconds.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>Seconds from power on, and what the bootstrapper had of them.</summary>
    private sealed record Boot(double Kernel, double MultiUser, double Healthy, string BootShare, string EtcdShare);
}
