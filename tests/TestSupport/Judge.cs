using System.Diagnostics;

namespace Images.TestSupport;

/// <summary>A foreign program that judges what our writers made. A missing one fails the test and says how to get it.</summary>
public static class Judge
{
    private static readonly Dictionary<string, string> _packageOf = new(StringComparer.Ordinal)
    {
        ["unsquashfs"] = "squashfs-tools",
        ["mksquashfs"] = "squashfs-tools",
        ["sfdisk"] = "fdisk",
        ["sgdisk"] = "gdisk",
        ["fsck.fat"] = "dosfstools",
        ["mkfs.fat"] = "dosfstools",
        ["mdir"] = "mtools",
        ["mcopy"] = "mtools",
        ["mmd"] = "mtools",
        ["mkfs.vfat"] = "dosfstools",
        ["fatlabel"] = "dosfstools",
        ["mlabel"] = "mtools",
        ["blkid"] = "util-linux",
        ["veritysetup"] = "cryptsetup-bin",
        ["isoinfo"] = "genisoimage",
        ["genisoimage"] = "genisoimage",
        ["cloud-localds"] = "cloud-image-utils",
        ["modprobe"] = "kmod",
        ["depmod"] = "kmod",
        ["modinfo"] = "kmod",
        ["gpgv"] = "gpgv",
        ["gpg"] = "gnupg",
        ["gpgconf"] = "gnupg",
        ["xz"] = "xz-utils",
        ["dpkg-deb"] = "dpkg",
        ["dpkg-query"] = "dpkg",
        ["dpkg"] = "dpkg",
        ["gzip"] = "gzip",
        ["tar"] = "tar",
        ["ar"] = "binutils",
        ["objdump"] = "binutils",
        ["mkfs.ext4"] = "e2fsprogs",
        ["mmdebstrap"] = "mmdebstrap",
        ["apt-ftparchive"] = "apt-utils",
        ["time"] = "time",
        ["e2fsck"] = "e2fsprogs",
        ["debugfs"] = "e2fsprogs",
        ["objcopy"] = "binutils",
        ["cpio"] = "cpio",
        ["qemu-img"] = "qemu-utils",
        ["qemu-system-x86_64"] = "qemu-system-x86",
        ["qemu-x86_64"] = "qemu-user",
        ["dnsmasq"] = "dnsmasq-base",
        ["dig"] = "bind9-dnsutils",
        ["qemu-io"] = "qemu-utils",
        ["nsenter"] = "util-linux",
        ["unshare"] = "util-linux",
        ["setpriv"] = "util-linux",
        ["dd"] = "coreutils",
        ["mkfifo"] = "coreutils",
        ["find"] = "findutils",
        ["cmp"] = "diffutils",
        ["etcdctl"] = "etcd-client",
        ["etcd"] = "etcd-server",
        ["ssh"] = "openssh-client",
        ["ssh-keygen"] = "openssh-client",
        ["ip"] = "iproute2",
        ["ping"] = "iputils-ping",
        ["iptables"] = "iptables",
        ["openssl"] = "openssl",
        ["curl"] = "curl",
        ["ss"] = "iproute2",
        ["kill"] = "procps",
        ["pgrep"] = "procps",
        ["systemd-analyze"] = "systemd",
        ["systemctl"] = "systemd",
        ["kubectl"] = "kubernetes-client",
        ["skopeo"] = "skopeo",
        ["umoci"] = "umoci",
        ["docker-registry"] = "docker-registry",
        ["containerd"] = "containerd",
        ["ctr"] = "containerd",
        ["host-local"] = "containernetworking-plugins",
        ["systemd-tmpfiles"] = "systemd",
    };

    /// <summary>Runs the program and returns its standard output; a non-zero exit fails the test with both outputs.</summary>
    public static string Run(string program, params string[] arguments)
    {
        JudgeResult result = Try(program, arguments);
        return result.ExitCode == 0
            ? result.Output
            : throw new JudgeException($"{program} {string.Join(' ', arguments)} exited with {result.ExitCode}:\n{result.Output}\n{result.Error}");
    }

    /// <summary>Runs the program and returns whatever it did.</summary>
    public static JudgeResult Try(string program, params string[] arguments) => Try(program, arguments, input: null);

    public static JudgeResult Try(string program, string[] arguments, byte[]? input, string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(Find(program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? "",
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task feed = Task.Run(() =>
        {
            try
            {
                process.StandardInput.BaseStream.Write(input ?? []);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // the program ended without reading all of its input; its exit code tells
            }
        });
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        feed.Wait();
        return new JudgeResult(process.ExitCode, output, error.Result);
    }

    /// <summary>Full path of the program.</summary>
    public static string Find(string program)
    {
        string path = (Environment.GetEnvironmentVariable("PATH") ?? "") + ":/usr/sbin:/sbin:/usr/lib/cni";
        string? found = path.Split(':').Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        return found ?? throw new JudgeException(
            $"The judge '{program}' is missing, so this test cannot decide. Install it: apt-get install {_packageOf.GetValueOrDefault(program, program)}");
    }
}
