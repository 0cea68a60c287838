using Images.Baker.Composing;
using Images.Baker.Composing.Fixups;
using Images.Baker.Manifest;
using Images.Formats;
using Images.Formats.Tree;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Baker.Tests.Tree;

/// <summary>A tiny system with just the files of Debian packages that the product's own roles/ folder builds upon.</summary>
internal static class SampleImage
{
    public const long SourceDate = 1_750_000_000;

    /// <summary>roles/ of this checkout.</summary>
    public static string RolesFolder() => Path.Combine(Checkout.Folder, "roles");

    public static ImageContent Content(Action<FileTreeBuilder>? more = null) => new()
    {
        Image = new ImageFacts
        {
            Name = "node",
            Version = "0.1.0",
            SourceDateUnixSeconds = SourceDate,
            KernelRelease = "6.12.1-amd64",
            CompressorIdentity = "zlib-test",
            Tools = new Dictionary<string, string> { ["sdk"] = "10.0.1", ["runtime"] = "10.0.0" },
            Suites = new Dictionary<string, Digest> { ["trixie"] = Digest.Sha256("trixie"u8) },
        },
        Packages = [BaseFiles(), BasePasswd(), Systemd(), Certificates(), Package("extra", more ?? (_ => { }))],
        Roles = RoleSourcesReader.Read(RolesFolder()),
        Bootstrapper = MemoryContent.FromText("program"),
    };

    /// <summary>As <see cref="Content"/>, in an image that holds Kubernetes.</summary>
    public static ImageContent WithKubernetes(string version) =>
        Content() with { Components = new Dictionary<string, ComponentVersion>(StringComparer.Ordinal) { ["kubernetes"] = ComponentVersion.TryParse(version)!.Value } };

    public static PackageLayer Package(string name, Action<FileTreeBuilder> fill, string control = "")
    {
        FileTreeBuilder builder = new(SourceDate);
        fill(builder);
        InstalledPackage package = new()
        {
            Name = name,
            Version = "1:2.0-3+b1",
            Architecture = "amd64",
            Source = name,
            SourceVersion = "1:2.0-3",
            Digest = Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(name)),
            SizeBytes = 1234,
            Archive = "debian",
            ArchivePath = $"pool/main/{name[0]}/{name}/{name}_2.0-3+b1_amd64.deb",
            Suite = "trixie",
            ControlText = $"Package: {name}\nVersion: 1:2.0-3+b1\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\n{control}Description: a part\n of the sample\n",
        };
        return new PackageLayer(package, builder.Nodes);
    }

    private static PackageLayer BaseFiles() => Package("base-files", tree =>
    {
        foreach (string name in (string[])["bin", "lib", "lib64", "sbin"])
        {
            tree.AddSymlink(name, $"usr/{name}");
        }

        tree.AddText("usr/lib/os-release", "ID=debian\nVERSION_ID=\"13\"\n");
        tree.AddDirectory("home");
        tree.AddDirectory("var/lock");
        tree.AddDirectory("var/lib/misc");
        tree.AddDirectory("var/local", mode: 0b10_111_111_101, gid: 50);
        tree.AddDirectory("var/tmp", mode: 0b1_111_111_111);
    });

    private static PackageLayer BasePasswd() => Package("base-passwd", tree =>
    {
        tree.AddText("usr/share/base-passwd/passwd.master", "root:*:0:0:root:/root:/bin/bash\ndaemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
        tree.AddText("usr/share/base-passwd/group.master", "root:*:0:\nadm:*:4:\nsudo:*:27:\nshadow:*:42:\nnogroup:*:65534:\n");
    });

    private static PackageLayer Systemd() => Package("systemd", tree =>
    {
        Unit(tree, "ssh.service", "WantedBy=multi-user.target\nAlias=sshd.service");
        Unit(tree, "fstrim.timer", "WantedBy=timers.target");
        Unit(tree, "systemd-networkd.service", "WantedBy=multi-user.target\nAlso=systemd-networkd.socket\nAlias=dbus-org.freedesktop.network1.service\nAlso=systemd-networkd-wait-online.service");
        Unit(tree, "systemd-networkd.socket", "WantedBy=sockets.target");
        Unit(tree, "systemd-networkd-wait-online.service", "WantedBy=network-online.target");
        Unit(tree, "systemd-pstore.service", "WantedBy=sysinit.target");
        Unit(tree, "systemd-resolved.service", "WantedBy=sysinit.target\nAlias=dbus-org.freedesktop.resolve1.service");
        Unit(tree, "systemd-timesyncd.service", "WantedBy=sysinit.target");
        Unit(tree, "etcd.service", "WantedBy=multi-user.target");
        Unit(tree, "containerd.service", "WantedBy=multi-user.target");
        Unit(tree, "haproxy.service", "WantedBy=multi-user.target");
        Unit(tree, "keepalived.service", "WantedBy=multi-user.target");
        Unit(tree, "multi-user.target", "");
        tree.AddText("etc/sudoers", "@includedir /etc/sudoers.d\n");
        tree.AddText("usr/lib/tmpfiles.d/tmp.conf", "q /var/tmp 1777 root root 30d\n");
    });

    private static PackageLayer Certificates() => Package("ca-certificates", tree =>
    {
        tree.AddText("usr/share/ca-certificates/mozilla/B.crt", "second");
        tree.AddText("usr/share/ca-certificates/mozilla/A.crt", "first\n");
    });

    private static void Unit(FileTreeBuilder tree, string name, string install) =>
        tree.AddText($"usr/lib/systemd/system/{name}", $"[Unit]\nDescription={name}\n[Service]\nExecStart=/bin/true\nWantedBy=ignored.target\n\n[Install]\n{install}\n");
}
