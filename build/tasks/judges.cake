// The foreign programs that the tests need, by Debian package. As root (or with sudo) they are installed, else named.
var judges = new Dictionary<string, string>
{
    ["qemu-system-x86_64"] = "qemu-system-x86", ["qemu-img"] = "qemu-utils", ["qemu-x86_64"] = "qemu-user",
    ["unsquashfs"] = "squashfs-tools", ["sfdisk"] = "fdisk", ["sgdisk"] = "gdisk", ["fsck.fat"] = "dosfstools",
    ["mcopy"] = "mtools", ["veritysetup"] = "cryptsetup-bin", ["isoinfo"] = "genisoimage",
    ["cloud-localds"] = "cloud-image-utils", ["depmod"] = "kmod", ["gpgv"] = "gpgv", ["gpg"] = "gnupg", ["gpg-agent"] = "gpg-agent", ["xz"] = "xz-utils",
    ["dpkg-deb"] = "dpkg", ["objdump"] = "binutils", ["cpio"] = "cpio", ["dnsmasq"] = "dnsmasq-base", ["dig"] = "bind9-dnsutils",
    ["etcd"] = "etcd-server", ["etcdctl"] = "etcd-client", ["ssh"] = "openssh-client", ["ip"] = "iproute2",
    ["openssl"] = "openssl", ["mkfs.ext4"] = "e2fsprogs", ["unshare"] = "util-linux",
    ["systemd-analyze"] = "systemd", ["kubectl"] = "kubernetes-client",
};
var firmware = "/usr/share/OVMF/OVMF_CODE_4M.fd";

bool OnPath(string program) => $"{EnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':')
    .Any(folder => folder.Length > 0 && System.IO.File.Exists(System.IO.Path.Combine(folder, program)));

Task("Judges").Does(() =>
{
    var missing = judges.Where(judge => !OnPath(judge.Key)).Select(judge => judge.Value).Distinct().ToList();
    if (!System.IO.File.Exists(firmware))
    {
        missing.Add("ovmf");
    }

    if (missing.Count == 0)
    {
        return;
    }

    string[] elevate = Environment.IsPrivilegedProcess ? [] : OnPath("sudo") ? ["sudo", "-n"] : null;
    if (elevate is null)
    {
        throw new CakeException($"The tests need these Debian packages: {string.Join(' ', missing)}. Install them with apt-get install, then run the tests again.");
    }

    Console.WriteLine($"Installing what the tests lack: {string.Join(' ', missing)}");
    Run("env", [.. elevate, "apt-get", "-qq", "update"]);
    Run("env", [.. elevate, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "install", "-y", "--no-install-recommends", .. missing]);
});
