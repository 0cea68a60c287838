using Images.Launcher.Hosts;

namespace Images.Baker.Tests.Launcher;

/// <summary>Hierarchies as the kernel lists them: version 2 alone, both, and within a container.</summary>
public sealed class ControlGroupMountTests
{
    [Fact]
    public void A_machine_with_version_2_alone_has_one()
    {
        ControlGroupMount mount = ControlGroupMount.Read(
            ["29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"],
            ["0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope"])
            .ShouldHaveSingleItem();
        mount.IsVersion2.ShouldBeTrue();
        mount.IsTop.ShouldBeFalse();
        mount.OwnGroup.ShouldBe("/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope");
    }

    [Fact]
    public void A_line_that_is_none_is_passed_over() => ControlGroupMount.Read(
        ["29 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw", "", "-"], ["0::/work", "", "0:"])
        .ShouldHaveSingleItem().OwnGroup.ShouldBe("/sys/fs/cgroup/work");

    [Fact]
    public void A_hybrid_machine_has_each_controller_where_it_is_mounted()
    {
        IReadOnlyList<ControlGroupMount> mounts = ControlGroupMount.Read(
            [
                "30 29 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
                "31 29 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
                "32 29 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
                "33 29 0:30 / /sys rw - sysfs sysfs rw",
            ],
            ["4:cpu,cpuacct:/work", "3:name=systemd:/", "2:memory:/not-mounted", "0::/"]);
        mounts.Select(mount => (mount.Name, mount.OwnGroup, mount.IsTop)).ShouldBe(
        [
            ("", "/sys/fs/cgroup/unified", true),
            ("cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct/work", false),
            ("name=systemd", "/sys/fs/cgroup/systemd", true),
        ]);
    }

    [Fact]
    public void Where_only_a_part_of_a_hierarchy_is_mounted_the_path_counts_from_there()
    {
        ControlGroupMount.Read(
            ["30 29 0:27 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory"],
            ["4:memory:/docker/abc/inner"])
            .ShouldHaveSingleItem()
            .OwnGroup.ShouldBe("/sys/fs/cgroup/memory/inner");
    }
}
