using System.Diagnostics;
using System.Globalization;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.Lab.Debian;

/// <summary>
/// A machine of QEMU with a plain Debian, for what the product does on a machine that is not ours: systemd, control groups of
/// version 2, an ordinary user. It reaches nothing outside. A folder of this machine lies at <see cref="Shared"/>, to be read.
/// </summary>
internal sealed class DebianMachine : IDisposable
{
    /// <summary>Its ordinary user; the administrator is root.</summary>
    public const string Newcomer = "newcomer";

    public const string Administrator = "root";

    public const string Shared = "/opt/images";

    private readonly string _folder;
    private readonly DebianDisk _debian;
    private readonly int _port = FreePort.Next();
    private TetheredProcess? _process;

    /// <param name="folder">Its disks and its console; kept after the run.</param>
    /// <param name="shared">What it gets at <see cref="Shared"/>, as it is now.</param>
    public DebianMachine(string folder, string shared)
    {
        _folder = folder;
        _debian = DebianDisk.Obtain();
        Judge.Run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", _debian.Disk, Disk);
        File.Delete(SharedDisk);
        using (FileStream disk = File.Create(SharedDisk))
        {
            disk.SetLength(4L << 30);
        }

        Judge.Run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", shared, SharedDisk);
    }

    public ConsoleLog Console => new(Path.Combine(_folder, "plain.console.log"));

    private string Disk => Path.Combine(_folder, "plain.qcow2");

    private string SharedDisk => Path.Combine(_folder, "shared.raw");

    /// <summary>Switches it on, and waits until its administrator can log in.</summary>
    public void Start(int seconds)
    {
        File.Delete(Console.Path);
        _process = new TetheredProcess([], [Judge.Find("qemu-system-x86_64"), .. Arguments()]);
        Stopwatch clock = Stopwatch.StartNew();
        while (Try(Administrator, "true", 30).ExitCode != 0)
        {
            if (_process.HasExited || clock.Elapsed.TotalSeconds > seconds)
            {
                throw new MachineException($"Nobody could log in to plain Debian within {seconds} s. Its console's tail:\n{Console.Tail()}");
            }

            Thread.Sleep(1000);
        }
    }

    /// <summary>Runs a command in a session of its own, as somebody who logs in by ssh; 124 where it takes too long.</summary>
    public JudgeResult Try(string user, string command, int seconds) => Judge.Try(
        "timeout",
        [string.Create(CultureInfo.InvariantCulture, $"{seconds}"), .. Ssh(user), command]);

    /// <summary>Likewise; it has to succeed.</summary>
    public string Run(string user, string command, int seconds)
    {
        JudgeResult result = Try(user, command, seconds);
        return result.ExitCode == 0
            ? result.Output
            : throw new MachineException(
                $"On plain Debian, {user}'s '{command}' ended with {result.ExitCode}: {result.Output}{result.Error}");
    }

    /// <summary>A session that goes on until it is disposed of.</summary>
    public TetheredProcess LogIn(string user)
    {
        // what does not read would outlive the connection, and the session with it
        TetheredProcess session = new([], [.. Ssh(user), "echo in; exec cat"], readsOutput: true);
        return session.ReadLine() == "in" ? session : throw new MachineException($"{user} cannot log in to plain Debian.");
    }

    /// <summary>Nothing on it gets to know.</summary>
    public void Dispose() => _process?.Dispose();

    private string[] Ssh(string user) =>
    [
        Judge.Find("ssh"), "-i", _debian.SshKey, "-p", string.Create(CultureInfo.InvariantCulture, $"{_port}"),
        "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=20",
        "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", $"{user}@127.0.0.1",
    ];

    private List<string> Arguments() =>
    [
        "-name", "plain", "-nodefaults", "-display", "none", "-no-reboot", "-machine", "q35", "-smp", "2", "-m", "4096",
        .. VirtualMachine.Processor(),
        "-kernel", _debian.Kernel, "-initrd", _debian.Initramfs, "-append", "root=/dev/vda rw console=ttyS0",
        "-drive", $"if=virtio,format=qcow2,file={Disk}",
        "-drive", $"if=virtio,format=raw,readonly=on,file={SharedDisk}",
        "-device", "virtio-rng-pci", "-chardev", $"file,id=console,path={Console.Path}", "-serial", "chardev:console",
        "-netdev", string.Create(CultureInfo.InvariantCulture, $"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{_port}-:22"),
        "-device", "virtio-net-pci,netdev=net,romfile=",
    ];
}
