using System.Text;
using Images.Baker.Composing;
using Images.Formats.Tree;

namespace Images.Baker.Tests.Tree;

public class ImageTreeTests
{
    private static readonly FileTree _tree = ImageTree.Compose(SampleImage.Content()).Tree;

    [Fact]
    public void No_account_has_a_password()
    {
        string[] shadow = Lines("etc/shadow");
        shadow.Length.ShouldBe(Lines("etc/passwd").Length);
        shadow.ShouldAllBe(line => line.Split(':')[1] == "!*");
        shadow.ShouldContain(line => line.StartsWith("root:"));
        Lines("etc/passwd").ShouldAllBe(line => line.Split(':')[1] == "x");
        Lines("etc/gshadow").ShouldAllBe(line => line.Split(':')[1] == "!*");
    }

    [Theory]
    [InlineData("etc/shadow")]
    [InlineData("etc/gshadow")]
    public void Shadow_files_are_closed(string path)
    {
        TreeNode node = _tree.Find(path)!;
        node.Mode.ShouldBe(Convert.ToInt32("0640", 8));
        node.Gid.ShouldBe(42);
    }

    [Fact]
    public void The_administrator_has_a_home_on_the_state_and_is_in_sudo()
    {
        Lines("etc/passwd").ShouldContain("admin:x:1000:1000:Administrator:/var/home/admin:/bin/bash");
        Lines("etc/group").ShouldContain("sudo:x:27:admin");
        Lines("etc/group").ShouldContain("admin:x:1000:");
        Lines("etc/passwd").ShouldContain("etcd:x:988:988:etcd:/var/lib/etcd:/usr/sbin/nologin");
    }

    [Fact]
    public void Pam_accepts_no_empty_password() =>
        _tree.Nodes.Keys.Where(path => path.Value.StartsWith("etc/pam.d/", StringComparison.Ordinal) && _tree.Find(path.Value) is FileNode)
            .ShouldAllBe(path => !Lines(path.Value).Any(line => !line.StartsWith('#') && line.Contains("nullok")));

    [Fact]
    public void Enabling_a_unit_does_what_its_install_section_says()
    {
        Link("etc/systemd/system/multi-user.target.wants/ssh.service").ShouldBe("/usr/lib/systemd/system/ssh.service");
        Link("etc/systemd/system/sshd.service").ShouldBe("/usr/lib/systemd/system/ssh.service");
        Link("etc/systemd/system/sockets.target.wants/systemd-networkd.socket").ShouldBe("/usr/lib/systemd/system/systemd-networkd.socket");
        Link("etc/systemd/system/dbus-org.freedesktop.network1.service").ShouldBe("/usr/lib/systemd/system/systemd-networkd.service");
        _tree.Find("etc/systemd/system/ignored.target.wants").ShouldBeNull();
    }

    [Fact]
    public void Every_link_that_enables_a_unit_points_to_a_unit_of_the_image() =>
        _tree.Nodes.Where(entry => entry.Key.Value.StartsWith("etc/systemd/", StringComparison.Ordinal))
            .Select(entry => entry.Value).OfType<SymlinkNode>().Where(link => link.Target != "/dev/null")
            .ShouldAllBe(link => _tree.Find(link.Target) is FileNode);

    [Fact]
    public void A_role_unit_hangs_on_the_roles_target_only()
    {
        Link("etc/systemd/system/roles.target.wants/etcd.service").ShouldBe("/usr/lib/systemd/system/etcd.service");
        _tree.Nodes.Keys.Count(path => path.Name == "etcd.service").ShouldBe(2);
        Text("usr/lib/systemd/system/etcd.service").ShouldContain("ConditionPathExists=/run/bootstrapper/services/etcd.service");
    }

    [Fact]
    public void Roles_target_is_wanted_by_nothing() =>
        _tree.Nodes.Keys.ShouldNotContain(path => path.Name == "roles.target" && path.Value.Contains(".wants/"));

    [Fact]
    public void Masked_units_and_generators_point_to_nothing()
    {
        Link("etc/systemd/system/serial-getty@.service").ShouldBe("/dev/null");
        Link("etc/systemd/system/systemd-firstboot.service").ShouldBe("/dev/null");
        Link("etc/systemd/system-generators/systemd-gpt-auto-generator").ShouldBe("/dev/null");
    }

    [Fact]
    public void What_packages_bring_in_var_becomes_lines_for_every_boot()
    {
        FileTree tree = ImageTree.Compose(SampleImage.Content(b =>
        {
            b.AddText("var/lib/thing/seed file", "x", mode: 0b110_100_000, uid: 988, gid: 988);
            b.AddSymlink("var/lib/link", "50%");
        })).Tree;

        tree.Nodes.Keys.ShouldNotContain(path => path.Value.StartsWith("var/", StringComparison.Ordinal));
        string[] lines = Encoding.UTF8.GetString(tree.ReadFile("usr/lib/tmpfiles.d/zz-images-var.conf")).Split('\n');
        lines.ShouldContain("d /var/lib/misc 0755 0 0 -");
        lines.ShouldContain("d /var/local 2775 0 50 -");
        lines.ShouldContain("L /var/lib/link - - - - 50%%");
        lines.ShouldContain("C /var/lib/thing/seed\\x20file 0640 988 988 - /usr/share/factory/var/lib/thing/seed\\x20file");
        lines.ShouldNotContain(line => line.Contains("/var/tmp"));
        tree.ReadFile("usr/share/factory/var/lib/thing/seed file").ShouldBe("x"u8.ToArray());
    }

    [Fact]
    public void Only_sudo_and_pams_checker_keep_set_id_bits()
    {
        const int SetUser = 0b100_111_101_101, SetGroup = 0b10_111_101_101;
        FileTree tree = ImageTree.Compose(SampleImage.Content(b =>
        {
            b.AddText("bin/su", "s", SetUser);
            b.AddText("usr/bin/sudo", "s", SetUser);
            b.AddText("sbin/unix_chkpwd", "c", SetGroup, gid: 42);
        })).Tree;

        tree.Nodes.Where(entry => entry.Value is FileNode && (entry.Value.Mode & 0b110_000_000_000) != 0)
            .Select(entry => entry.Key.Value).ShouldBe(["usr/bin/sudo", "usr/sbin/unix_chkpwd"]);
        tree.Find("usr/bin/su")!.Mode.ShouldBe(Convert.ToInt32("0755", 8));
    }

    [Fact]
    public void The_image_says_which_one_it_is()
    {
        Lines("usr/lib/os-release").ShouldBe(["ID=debian", "VERSION_ID=\"13\"", "IMAGE_ID=node", "IMAGE_VERSION=0.1.0"]);
        Text("usr/lib/bootstrapper/image.json").ShouldBe("{\n  \"name\": \"node\",\n  \"version\": \"0.1.0\",\n  \"sourceDate\": 1750000000\n}\n");
        _tree.Find("usr/lib/clock-epoch")!.ModifiedUnixSeconds.ShouldBe(SampleImage.SourceDate);
        _tree.Find("etc/machine-id").ShouldBeOfType<FileNode>().Content.Length.ShouldBe(0);
        Link("etc/resolv.conf").ShouldBe("../run/systemd/resolve/stub-resolv.conf");
        Text("etc/ssl/certs/ca-certificates.crt").ShouldBe("first\nsecond\n");
        _tree.Find("usr/lib/bootstrapper/bootstrapper")!.Mode.ShouldBe(Convert.ToInt32("0755", 8));
        _tree.Find("etc/sudoers.d/50-admin")!.Mode.ShouldBe(Convert.ToInt32("0440", 8));
    }

    [Fact]
    public void Dpkg_sees_the_packages_of_the_image()
    {
        Text("usr/lib/sysimage/dpkg/status").ShouldStartWith("Package: base-files\nStatus: install ok installed\nVersion: 1:2.0-3+b1\n");
        Lines("usr/lib/sysimage/dpkg/info/base-passwd.list").ShouldContain("/usr/share/base-passwd/passwd.master");
    }

    [Fact]
    public void An_alternative_is_made_only_where_its_target_is()
    {
        _tree.Find("usr/bin/awk").ShouldBeNull();
        FileTree tree = ImageTree.Compose(SampleImage.Content(b => b.AddText("usr/bin/mawk", "m"))).Tree;
        tree.Find("usr/bin/awk").ShouldBeOfType<SymlinkNode>().Target.ShouldBe("mawk");
    }

    [Fact]
    public void A_package_that_brings_one_of_our_files_is_refused()
    {
        BakeException refusal = Should.Throw<BakeException>(() => ImageTree.Compose(SampleImage.Content(b => b.AddText("etc/fstab", "theirs"))));
        refusal.Code.ShouldBe("BAKE0430");
        refusal.Message.ShouldContain("'extra'");
    }

    [Fact]
    public void A_removed_name_of_a_file_leaves_its_other_names()
    {
        FileTree tree = ImageTree.Compose(SampleImage.Content(b =>
        {
            b.AddText("boot/kernel", "k");
            b.Set(TreePath.Parse("usr/share/one"), new HardLinkNode { Mode = 0, Target = TreePath.Parse("boot/kernel") });
            b.Set(TreePath.Parse("usr/share/two"), new HardLinkNode { Mode = 0, Target = TreePath.Parse("boot/kernel") });
        })).Tree;

        tree.Find("boot/kernel").ShouldBeNull();
        tree.Find("usr/share/one").ShouldBeOfType<FileNode>();
        tree.ReadFile("usr/share/two").ShouldBe("k"u8.ToArray());
    }

    private static string Text(string path) => Encoding.UTF8.GetString(_tree.ReadFile(path));

    private static string[] Lines(string path) => Text(path).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Link(string path) => _tree.Find(path).ShouldBeOfType<SymlinkNode>().Target;
}
