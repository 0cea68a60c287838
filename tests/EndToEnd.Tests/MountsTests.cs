using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>
/// What PID 1 finds mounted is the same whether /init of a machine or the start of a container mounted it, but for what
/// stands here.
/// </summary>
public sealed class MountsTests : IDisposable
{
    private const string Absent = "-";
    private const string Locked = "nosuid,nodev,noexec";

    /// <summary>Made for a unit that runs at the moment, or for a session.</summary>
    private static readonly string[] _passing = ["/run/credentials/", "/run/user/"];

    /// <summary>Folders of the host in a container: of what type they are, is the host's affair.</summary>
    private static readonly string[] _folders = ["/", "/state", "/var"];

    /// <summary>Place, on a machine, in a container, why.</summary>
    private static readonly (string Place, string Machine, string Container, string Why)[] _differences =
    [
        ("/dev", "devtmpfs nosuid", "tmpfs nosuid", "the kernel's devices are the host's; here are those that a node needs"),
        ("/dev/hugepages", "hugetlbfs nosuid,nodev", Absent, "systemd mounts none in a user namespace"),
        ("/efi", "autofs", Absent, "a container has no loader"),
        ("/proc/sys", Absent, "proc ro," + Locked, "settings of the whole kernel are the host's"),
        ("/proc/sys/fs/binfmt_misc", "autofs", Absent, "systemd mounts none where /proc/sys is read-only"),
        ("/proc/sys/kernel/hostname", Absent, "proc " + Locked, "the name is the node's own"),
        ("/proc/sys/kernel/panic", Absent, "tmpfs", "takes what the kubelet writes; the host's value stays"),
        ("/proc/sys/kernel/panic_on_oops", Absent, "tmpfs", "likewise"),
        ("/proc/sys/kernel/keys/root_maxbytes", Absent, "tmpfs", "what the kubelet wants there; the host's value stays"),
        ("/proc/sys/kernel/keys/root_maxkeys", Absent, "tmpfs", "likewise"),
        ("/proc/sys/net", Absent, "proc " + Locked, "the network is the node's own"),
        ("/proc/sys/vm/overcommit_memory", Absent, "tmpfs", "takes what the kubelet writes; the host's value stays"),
        ("/proc/sys/vm/panic_on_oom", Absent, "tmpfs", "likewise"),
        ("/sys", "sysfs " + Locked, "sysfs ro," + Locked, "devices are the host's, and udev stays off"),
        ("/sys/firmware/efi/efivars", "efivarfs " + Locked, Absent, "firmware is the host's"),
        ("/sys/fs/bpf", "bpf " + Locked, Absent, "the host's kernel: systemd mounts none in a container"),
        ("/sys/fs/fuse/connections", "fusectl " + Locked, Absent, "likewise: none in a user namespace"),
        ("/sys/fs/pstore", "pstore " + Locked, Absent, "likewise: none in a container"),
        ("/sys/kernel/config", "configfs " + Locked, Absent, "likewise: none without CAP_SYS_RAWIO"),
        ("/sys/kernel/debug", "debugfs " + Locked, Absent, "likewise: none without CAP_SYS_RAWIO"),
        ("/sys/kernel/security", "securityfs " + Locked, Absent, "likewise: none in a container"),
        ("/sys/kernel/tracing", "tracefs " + Locked, Absent, "likewise: none without CAP_SYS_RAWIO"),
        .. new[] { "full", "kmsg", "null", "random", "tty", "urandom", "zero" }
            .Select(name => ($"/dev/{name}", Absent, "devtmpfs", "the host's: a user namespace makes no devices")),
    ];

    /// <summary>In a container on some hosts; on a machine as here.</summary>
    private static readonly (string Place, string Machine, string[] Container, string Why)[] _onSomeHosts =
    [
        ("/dev/console", Absent, ["devpts", "devpts nosuid,noexec"], "a terminal whose other end the launcher has"),
        ("/dev/fuse", Absent, ["tmpfs", "devtmpfs"], "where the host has it"),
        ("/dev/net/tun", Absent, ["tmpfs", "devtmpfs"], "where the host has it"),
        ("/proc/sys/net/netfilter/nf_conntrack_max", Absent, ["tmpfs"], "takes what kube-proxy writes, where there is one"),
        ("/proc/sysrq-trigger", Absent, ["proc ro," + Locked], "where the kernel has it"),
        ("/sys/devices/virtual/tty/console/active", Absent, ["tmpfs"], "says which console there is, where there is one"),
        ("/sys/module/nf_conntrack/parameters/hashsize", Absent, ["tmpfs"], "as nf_conntrack_max"),
        ("/run/host/images/slots", Absent, ["btrfs " + Locked, "ext4 " + Locked, "overlay " + Locked, "tmpfs " + Locked, "xfs " + Locked], "the node's two slots, for which a machine has partitions"),
        ("/sys/fs/cgroup", "cgroup2 " + Locked, ["tmpfs ro," + Locked], "where the host has its controllers in version 1"),
        .. "blkio cpu cpu,cpuacct cpuacct cpuset devices freezer hugetlb memory misc net_cls net_cls,net_prio net_prio perf_event pids rdma systemd".Split(' ')
            .Select(name => ($"/sys/fs/cgroup/{name}", Absent, (string[])["cgroup", "cgroup " + Locked], "likewise")),
    ];

    private readonly string _folder = BakedImage.RunFolder(nameof(MountsTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;

    public MountsTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
    }

    [Fact]
    public void What_is_mounted_in_a_container_is_what_is_mounted_on_a_machine_but_for_what_is_listed_with_its_reason()
    {
        MachineOptions options = new()
        {
            Name = "container",
            Folder = _folder,
            Seed = _seeds.Role("etcd", size: 1),
            Network = _network,
            Address = "10.240.0.11",
        };
        using VirtualMachine machine = new(new VirtualMachineOptions(options with { Name = "machine", Address = "10.240.0.12" }));
        using ContainerMachine container = new(options);
        SortedDictionary<string, string> there = Mounts(machine), here = Mounts(container);

        ShouldGiveNobodyRights(there);
        ShouldGiveNobodyRights(here);
        foreach (string place in there.Keys.Union(here.Keys, StringComparer.Ordinal).Where(IsLasting))
        {
            ShouldBeTheSameOrListed(place, there.GetValueOrDefault(place, Absent), here.GetValueOrDefault(place, Absent));
        }

        foreach ((string place, string onMachine, string inContainer, _) in _differences)
        {
            string found = $"{there.GetValueOrDefault(place, Absent)} | {here.GetValueOrDefault(place, Absent)}";
            found.ShouldBe($"{onMachine} | {inContainer}", $"{place} is listed as different");
        }
    }

    public void Dispose() => _network.Dispose();

    /// <summary>What a node keeps; root alone writes there, but pods have folders on it.</summary>
    private static void ShouldGiveNobodyRights(SortedDictionary<string, string> mounts)
    {
        foreach (string place in (string[])["/etc", "/state", "/var"])
        {
            mounts[place].ShouldEndWith(" nosuid,nodev", Case.Sensitive, place);
        }
    }

    private static bool IsLasting(string place) =>
        !_passing.Any(passing => place.StartsWith(passing, StringComparison.Ordinal));

    private static void ShouldBeTheSameOrListed(string place, string onMachine, string inContainer)
    {
        if (_folders.Contains(place, StringComparer.Ordinal))
        {
            inContainer.Split(' ')[1..].ShouldBe(onMachine.Split(' ')[1..], place);
            return;
        }

        bool isListed = _differences.Any(known => (known.Place, known.Machine, known.Container) == (place, onMachine, inContainer))
            || _onSomeHosts.Any(known => (known.Place, known.Machine) == (place, onMachine) && known.Container.Contains(inContainer, StringComparer.Ordinal));
        (isListed || onMachine == inContainer).ShouldBeTrue($"{place}: {onMachine} on a machine, {inContainer} in a container");
    }

    private SortedDictionary<string, string> Mounts(Machine machine)
    {
        machine.Start();
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 300);
        return MountTable.Read(machine.Ssh(_seeds.SshKey, "sudo cat /proc/1/mountinfo"));
    }
}
