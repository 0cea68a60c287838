using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.Bench;

/// <summary>From power to multi-user and to a healthy etcd, under emulation, first boot.</summary>
internal sealed class BootBench(string folder)
{
    private const string Address = "10.240.0.11";

    public IEnumerable<Measured> Run()
    {
        ClusterSeeds seeds = new(Path.Combine(folder, "cluster"));
        using LabNetwork network = new(Path.Combine(folder, "network"));
        network.Serve();
        network.SetRecords("etcd.demo.k8s", [Address]);
        using VirtualMachine machine = new(new MachineOptions
        {
            Name = "bench",
            Folder = folder,
            SeedImage = seeds.Role("etcd", size: 1),
            Network = network,
            Address = Address,
        });
        long begun = Stopwatch.GetTimestamp();
        machine.Start();
        machine.WaitFor("bootstrapper: ready: etcd.service", 400);
        double healthy = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        machine.WaitFor("bootstrapper: system: running", 300);
        string times = machine.Ssh(seeds.SshKey, "cat /proc/uptime; systemctl show -p UserspaceTimestampMonotonic -p FinishTimestampMonotonic; systemctl show multi-user.target -p ActiveEnterTimestampMonotonic");
        double multiUser = Microseconds(times, "ActiveEnterTimestampMonotonic");
        string share = machine.Ssh(seeds.SshKey, "systemd-analyze blame --no-pager | grep bootstrapper || true").Trim().Replace("\n", "; ", StringComparison.Ordinal);
        yield return new Measured("power on → etcd healthy, first boot (seconds, wall)", Text(healthy), "", null, "until the console line; 2 virtual CPUs, 1.5 GiB, OVMF, state formatted on the way");
        yield return new Measured("kernel start → multi-user.target (seconds, guest)", Text(multiUser), "", null, $"systemd's own timestamps; the bootstrapper's share: {(share.Length == 0 ? "not in the blame list" : share)}");
    }

    private static string Text(double seconds) => seconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static double Microseconds(string text, string name) =>
        long.Parse(Regex.Match(text, name + @"=(\d+)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].ValueSpan, CultureInfo.InvariantCulture) / 1e6;
}
