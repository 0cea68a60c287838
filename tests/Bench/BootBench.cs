using System.Diagnostics;
using System.Globalization;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.Bench;

/// <summary>From power to multi-user and to a healthy etcd, under emulation, first boot.</summary>
internal sealed class BootBench(string work)
{
    private const string Address = "10.240.0.11";

    private static readonly string[] _units = ["bootstrapper-boot.service", "bootstrapper-agent.service", "etcd.service"];

    public IEnumerable<Measured> Run()
    {
        ClusterSeeds seeds = new(Path.Combine(work, "cluster"));
        using LabNetwork network = new(Path.Combine(work, "network"));
        network.SetRecords("etcd.demo.k8s", [Address]);
        using VirtualMachine machine = new(new VirtualMachineOptions
        {
            Name = "bench",
            Processors = 2,
            Folder = work,
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

        string how = "wall clock from the start of the virtual machine, first boot, state formatted on the way; 2 virtual CPUs, 1.5 GiB, OVMF";
        yield return Measured.Seconds("emulated firmware → multi-user.target", multiUser,
            $"{how}; until systemd's line on the serial console; {Text(kernel)} s of it until the kernel's first line. "
            + $"The bootstrapper's share: {Between(boot, "InactiveExitTimestampMonotonic", "ActiveEnterTimestampMonotonic")} s from the start of `bootstrapper boot` to its READY, which multi-user.target waits for");
        yield return Measured.Seconds("emulated firmware → etcd healthy", healthy,
            $"{how}; until the bootstrapper's line on the console, which asks etcd's health. The bootstrapper's share: {Between(etcd, "InactiveExitTimestampMonotonic", "ExecMainStartTimestampMonotonic")} s of `prepare etcd.service` "
            + $"before etcd starts (then {Between(etcd, "ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")} s of etcd until it notifies systemd); {Processor(boot)} s of CPU in `boot`, {Processor(agent)} s in `agent`, guest's clock");
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
}
