using Images.Launcher.Hosts;

namespace Images.Baker.Tests.Launcher;

/// <summary>What a machine lacks is named with the command that mends it, all of it at once.</summary>
public sealed class HostCheckTests
{
    [Fact]
    public void A_machine_that_has_everything_lacks_nothing() =>
        HostCheck.Find(new MadeUpHost(), nodes: 9, withWorkers: true).ShouldBeEmpty();

    [Fact]
    public void Everything_that_is_missing_is_named_at_once()
    {
        MadeUpHost host = new()
        {
            HasIds = false,
            ControlGroups = ControlGroupKind.None,
            Programs = ["unshare", "nsenter", "setsid", "mount", "umount"],
        };
        host.Files["/proc/filesystems"] = "\text4\n";
        host.Files.Remove("/proc/sys/net/bridge");
        host.Files["/proc/sys/fs/inotify/max_user_instances"] = "64\n";
        host.Files["/proc/sys/kernel/apparmor_restrict_unprivileged_userns"] = "1\n";
        host.Files["/proc/sys/kernel/unprivileged_userns_clone"] = "0\n";
        string[] commands = [.. HostCheck.Find(host, nodes: 7, withWorkers: true).Select(thing => thing.Command)];
        commands.ShouldBe(
        [
            "sudo apt-get install util-linux mount",
            "sudo apt-get install uidmap",
            "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 jo",
            "sudo sysctl -w kernel.unprivileged_userns_clone=1",
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
            "log in by ssh or at the console, not by su; or: sudo loginctl enable-linger jo",
            "sudo modprobe overlay",
            "sudo modprobe br_netfilter",
            "sudo sysctl -w fs.inotify.max_user_instances=1024",
        ]);
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public void The_limit_of_inotify_is_judged_by_the_number_of_nodes(int nodes, bool isMissing)
    {
        MadeUpHost host = new();
        host.Files["/proc/sys/fs/inotify/max_user_instances"] = "128";
        HostCheck.Find(host, nodes, withWorkers: true)
            .Any(thing => thing.What.Contains("inotify", StringComparison.Ordinal))
            .ShouldBe(isMissing);
    }

    [Fact]
    public void Only_workers_need_controllers_and_the_bridge_module()
    {
        MadeUpHost host = new() { ControlGroups = ControlGroupKind.WithoutControllers };
        host.Files.Remove("/proc/sys/net/bridge");
        HostCheck.Find(host, nodes: 1, withWorkers: false).ShouldBeEmpty();
        HostCheck.Find(host, nodes: 1, withWorkers: true).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(ControlGroupKind.WithoutControllers, "sudo mkdir -p ")]
    [InlineData(ControlGroupKind.NotHandedOn, "systemctl --user daemon-reexec")]
    public void Controllers_are_handed_on_by_the_administrator_and_then_by_the_user_s_own_systemd(object kind, string begin)
    {
        MadeUpHost host = new() { ControlGroups = (ControlGroupKind)kind };
        string command = HostCheck.Find(host, nodes: 1, withWorkers: true).ShouldHaveSingleItem().Command;
        command.ShouldStartWith(begin);
        command.ShouldEndWith("systemctl --user daemon-reexec");
        HostCheck.Find(host, nodes: 1, withWorkers: false).ShouldBeEmpty();
    }

    [Fact]
    public void Rules_for_ordinary_users_do_not_bind_root()
    {
        MadeUpHost host = new() { IsRoot = true };
        host.Files["/proc/sys/kernel/apparmor_restrict_unprivileged_userns"] = "1";
        host.Programs.Remove("newuidmap");
        HostCheck.Find(host, nodes: 1, withWorkers: true).ShouldBeEmpty();
    }

    private sealed class MadeUpHost : IHostFacts
    {
        public bool IsRoot { get; init; }

        public string UserName => "jo";

        public bool HasIds { get; init; } = true;

        public ControlGroupKind ControlGroups { get; init; } = ControlGroupKind.Full;

        public List<string> Programs { get; init; } =
            ["unshare", "nsenter", "setsid", "mount", "umount", "pivot_root", "newuidmap", "newgidmap"];

        public Dictionary<string, string> Files { get; } = new(StringComparer.Ordinal)
        {
            ["/proc/filesystems"] = "nodev\tsysfs\nnodev\toverlay\n\text4\n",
            ["/proc/sys/net/bridge"] = "",
            ["/proc/sys/fs/inotify/max_user_instances"] = "1024\n",
            ["/proc/sys/user/max_user_namespaces"] = "31000\n",
        };

        public bool HasProgram(string name) => Programs.Contains(name);

        public bool Exists(string path) => Files.ContainsKey(path);

        public string ReadText(string path) => Files.GetValueOrDefault(path, "");

        public long? ReadNumber(string path) => long.TryParse(ReadText(path), out long number) ? number : null;
    }
}
