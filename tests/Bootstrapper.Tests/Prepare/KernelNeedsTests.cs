using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Prepare;

public sealed class KernelNeedsTests : IDisposable
{
    private const string Filesystems = "/proc/filesystems";

    private static readonly KernelNeed[] _needs =
    [
        new() { Module = "overlay", Filesystem = "overlay" },
        new() { Module = "br_netfilter", Path = "/proc/sys/net/bridge" },
    ];

    private readonly FakeMachine _machine = new();

    public KernelNeedsTests() => _machine.Put(Filesystems, "nodev\tsysfs\n\text4\n");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_container_says_what_to_do_on_the_host_and_goes_on_once_it_is_done()
    {
        _machine.Put("/run/systemd/container", "images\n");
        After(5, () => Directory.CreateDirectory(_machine.Root["/proc/sys/net/bridge"]));
        After(9, () => _machine.Put(Filesystems, "nodev\tsysfs\n\text4\nnodev\toverlay\n"));

        await WaitAsync();

        _machine.ConsoleLines.ShouldBe(
        [
            "kubelet.service: waiting for the kernel to have overlay since 0 s: /proc/filesystems does not list overlay; "
            + "a container cannot load it: run 'modprobe --all overlay br_netfilter' as root on the host",
        ]);
    }

    [Fact]
    public async Task A_machine_says_which_unit_should_have_loaded_it()
    {
        _machine.Put(Filesystems, "nodev\toverlay\n");
        After(1, () => Directory.CreateDirectory(_machine.Root["/proc/sys/net/bridge"]));

        await WaitAsync();

        _machine.ConsoleText.ShouldContain("there is no /proc/sys/net/bridge; see 'systemctl status modprobe@br_netfilter.service'");
    }

    [Fact]
    public async Task Another_file_system_whose_name_begins_alike_is_not_taken_for_it()
    {
        _machine.Put(Filesystems, "nodev\toverlayfs2\n");
        Directory.CreateDirectory(_machine.Root["/proc/sys/net/bridge"]);
        After(1, () => _machine.Put(Filesystems, "\toverlay\n"));

        await WaitAsync();

        _machine.ConsoleText.ShouldContain("does not list overlay");
    }

    private void After(int seconds, Action act)
    {
        Action<TimeSpan> before = _machine.Time.Jumped;
        _machine.Time.Jumped = elapsed =>
        {
            before(elapsed);
            if (elapsed >= TimeSpan.FromSeconds(seconds))
            {
                act();
            }
        };
    }

    private async Task WaitAsync()
    {
        using WaitReport report = new("kubelet.service", _machine.Console, _machine.Root, _machine.Time);
        await new KernelNeeds(_machine.Root, _machine.Time).WaitAsync(_needs, report, CancellationToken.None);
    }
}
