using System.Runtime.Versioning;
using Images.Baker.Composing;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Tree;

/// <summary>systemd's own tools read what roles/ brings, beside the units of the systemd that is installed here.</summary>
[SupportedOSPlatform("linux")]
public class UnitJudgeTests
{
    private const string UnitFolder = "usr/lib/systemd/system";

    /// <summary>Of units that packages bring.</summary>
    private static readonly string[] _dropIns =
        ["containerd.service.d/60-images.conf", "haproxy.service.d/60-images.conf", "keepalived.service.d/60-images.conf"];

    private static readonly string[] _units =
    [
        "bootstrapper-boot.service", "bootstrapper-agent.service", "roles.target", "etcd.service", "sshd-keys.service", "loopback-guard.service",
        "kube-apiserver.service", "kube-controller-manager.service", "kube-scheduler.service", "kubelet.service", "kube-proxy.service", "cluster-dns.service", "cluster-names.service", "containerd.service",
        "haproxy.service", "keepalived.service", "api-forwarder.service", "etcd-forwarder.service", "lb-forwarding.service",
    ];

    private static readonly FileTree _tree = ImageTree.Compose(SampleImage.WithKubernetes("1.36.0")).Tree;

    [Fact]
    public void Systemd_analyze_finds_nothing_to_say_about_our_units()
    {
        using TemporaryFolder root = new();
        WriteRoot(root);

        Complaints(root).ShouldBeEmpty();
    }

    [Fact]
    public void Systemd_analyze_would_have_said_something_about_a_wrong_key()
    {
        using TemporaryFolder root = new();
        WriteRoot(root);
        string unit = root[$"{UnitFolder}/etcd.service"];
        File.WriteAllText(unit, File.ReadAllText(unit).Replace("RestartSec=", "RestartSecs=", StringComparison.Ordinal));

        Complaints(root).ShouldContain(line => line.Contains("RestartSecs"));
    }

    [Fact]
    public void Systemd_tmpfiles_makes_the_folders_of_the_state_partition()
    {
        using TemporaryFolder root = new();
        foreach (string file in (string[])["etc/passwd", "etc/group", "usr/lib/tmpfiles.d/zz-images-var.conf"])
        {
            Write(root, file, _tree.ReadFile(file));
        }

        string lines = root["usr/lib/tmpfiles.d/images.conf"];
        Write(root, "usr/lib/tmpfiles.d/images.conf", _tree.ReadFile("usr/lib/tmpfiles.d/images.conf"));
        if (!Environment.IsPrivilegedProcess)
        {
            // only root gives files away: here everything belongs to whoever runs the test
            string owner = $"{Judge.Run("id", "-u").Trim()} {Judge.Run("id", "-g").Trim()}";
            File.WriteAllLines(lines, File.ReadAllLines(lines).Select(line => line.StartsWith("d ", StringComparison.Ordinal)
                ? string.Join(' ', [.. line.Split(' ')[..3], owner, "-"])
                : line));
            File.Delete(root["usr/lib/tmpfiles.d/zz-images-var.conf"]);
        }

        Judge.Run("systemd-tmpfiles", $"--root={root.FullPath}", "--create");

        File.GetUnixFileMode(root["var/home/admin"]).ShouldBe((UnixFileMode)Convert.ToInt32("0700", 8));
        File.GetUnixFileMode(root["var/lib/bootstrapper"]).ShouldBe((UnixFileMode)Convert.ToInt32("0711", 8));
        new FileInfo(root["var/lib/dpkg"]).LinkTarget.ShouldBe("../../usr/lib/sysimage/dpkg");
    }

    private static string[] Complaints(TemporaryFolder root)
    {
        JudgeResult result = Judge.Try("systemd-analyze", ["verify", "--man=no", $"--root={root.FullPath}", .. _units]);
        return [.. (result.Output + result.Error).Split('\n').Where(line => _units.Any(unit => line.Contains(unit, StringComparison.Ordinal)))];
    }

    private static void WriteRoot(TemporaryFolder root)
    {
        foreach (string folder in (string[])["/usr/lib/systemd/system", "/lib/systemd/system"])
        {
            foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
            {
                Write(root, $"{UnitFolder}/{Path.GetFileName(file)}", File.ReadAllBytes(file));
            }
        }

        foreach (string unit in (string[])[.. _units, .. _dropIns])
        {
            Write(root, $"{UnitFolder}/{unit}", _tree.ReadFile($"{UnitFolder}/{unit}"));
        }

        // the packages' own, of which only our drop-ins are judged
        foreach (string unit in _dropIns.Select(dropIn => dropIn.Split(".d/")[0]))
        {
            Write(root, $"{UnitFolder}/{unit}", "[Unit]\nDescription=one\n[Service]\nType=notify\nExecStart=/usr/bin/true\n"u8.ToArray());
        }

        foreach (string program in (string[])
            [
                "usr/lib/bootstrapper/bootstrapper", "usr/bin/etcd", "usr/libexec/images/sshd-keys", "usr/bin/true", "usr/sbin/modprobe", "usr/sbin/nft", "usr/lib/systemd/systemd-sysctl",
                "usr/bin/kube-apiserver", "usr/bin/kube-controller-manager", "usr/bin/kube-scheduler", "usr/bin/kubelet", "usr/bin/kube-proxy", "usr/sbin/dnsmasq", "usr/bin/ip", "usr/bin/kill", "usr/sbin/haproxy",
            ])
        {
            Write(root, program, "#!/bin/sh\n"u8.ToArray());
            File.SetUnixFileMode(root[program], (UnixFileMode)Convert.ToInt32("0755", 8));
        }
    }

    private static void Write(TemporaryFolder root, string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(root[path])!);
        File.WriteAllBytes(root[path], bytes);
    }
}
