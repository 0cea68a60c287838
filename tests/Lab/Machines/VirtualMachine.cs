using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>
/// One QEMU machine with UEFI firmware, started from the baked image through a copy-on-write disk, so that the image
/// itself is never written. The disk outlives the machine's process: starting again is a boot of the same machine.
/// </summary>
internal sealed class VirtualMachine : IDisposable
{
    private const string FirmwareCode = "/usr/share/OVMF/OVMF_CODE_4M.fd";
    private const string FirmwareVariables = "/usr/share/OVMF/OVMF_VARS_4M.fd";

    // Emulation unless asked for: a /dev/kvm that can be opened may still never run a guest (a nested one, say).
    private static readonly string _accelerator = Environment.GetEnvironmentVariable("IMAGES_ACCELERATOR") ?? "tcg";

    private readonly MachineOptions _options;
    private TetheredProcess? _process;
    private string? _address;
    private int _boots;

    public VirtualMachine(MachineOptions options)
    {
        _options = options;
        _address = options.Address;
        Directory.CreateDirectory(options.Folder);
        MakeBlankDisk();
        Console = new ConsoleLog(ConsolePath);
    }

    public string Name => _options.Name;

    /// <summary>To be set where the network does not reserve one and the machine's console told it.</summary>
    public string Address
    {
        get => _address ?? throw new InvalidOperationException($"{Name} has no address that is known.");
        set => _address = value;
    }

    public string Disk => Path.Combine(_options.Folder, $"{_options.Name}.qcow2");

    public ConsoleLog Console { get; private set; }

    public bool IsRunning => _process is { HasExited: false };

    private LabNetwork Network => _options.Network ?? throw new InvalidOperationException($"{Name} has no network.");

    private string ConsolePath => Path.Combine(_options.Folder, $"{_options.Name}.boot{_boots}.console.log");

    /// <summary>What the machine had written is gone: the image as it was baked, on a blank disk of the same size.</summary>
    public void MakeBlankDisk()
    {
        File.Delete(Disk);
        Judge.Run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", BakedImage.RawDisk, Disk, $"{_options.DiskMebibytes}M");
        File.Copy(FirmwareVariables, Path.Combine(_options.Folder, $"{_options.Name}.vars.fd"), overwrite: true);
    }

    public void Start()
    {
        _boots++;
        Console = new ConsoleLog(ConsolePath);
        File.Delete(ConsolePath);
        _process = new TetheredProcess(_options.Network?.Entrance ?? [], [Judge.Find("qemu-system-x86_64"), .. Arguments()]);
    }

    /// <summary>Waits for a line on the serial console.</summary>
    public Match WaitFor(string pattern, int seconds, int from = 0) =>
        Console.WaitFor(pattern, TimeSpan.FromSeconds(seconds), () => IsRunning, from);

    /// <summary>Power cut: the process is killed, nothing is flushed by the guest.</summary>
    public void CutPower()
    {
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Waits until the machine has ended by itself: it is started so that a restart ends it.</summary>
    public void WaitForEnd(int seconds)
    {
        if (!_process!.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            throw new MachineException($"{Name} did not end within {seconds} s. Its console's tail:\n{Console.Tail()}");
        }

        CutPower();
    }

    /// <summary>Asks the guest over ssh to power off and waits until it has.</summary>
    public void Shutdown(string sshKey)
    {
        Ssh(sshKey, "sudo systemctl poweroff", mayFail: true);
        WaitForEnd(120);
    }

    /// <summary>Runs a command on the machine as admin; retries while sshd is not up yet.</summary>
    /// <param name="sshKey">The administrator's.</param>
    /// <param name="command">For the machine's shell.</param>
    /// <param name="mayFail">Whether a command that fails is no failure.</param>
    /// <param name="seconds">How long sshd may take to come.</param>
    /// <param name="input">What the command reads.</param>
    public string Ssh(string sshKey, string command, bool mayFail = false, int seconds = 120, byte[]? input = null)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (true)
        {
            JudgeResult result = TrySsh(sshKey, command, input);
            if (result.ExitCode == 0 || (mayFail && result.ExitCode != 255))
            {
                return result.Output;
            }

            if (result.ExitCode != 255 || DateTime.UtcNow > end)
            {
                if (mayFail)
                {
                    return result.Output;
                }

                throw new MachineException($"On {Name}, '{command}' ended with {result.ExitCode}: {result.Output}{result.Error}\nConsole's tail:\n{Console.Tail()}");
            }

            Thread.Sleep(2000);
        }
    }

    /// <summary>Tries it once; 255 is ssh's own failure.</summary>
    public JudgeResult TrySsh(string sshKey, string command, byte[]? input = null) => Network.Try(
        "ssh",
        [
            "-i", sshKey, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10",
            "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-o", "BatchMode=yes", $"admin@{Address}", command,
        ],
        input);

    /// <summary>Writes bytes into the disk while the machine is off.</summary>
    public void WriteToDisk(long offset, byte pattern, int length) =>
        Judge.Run("qemu-io", "-f", "qcow2", "-c", $"write -P {pattern} {offset} {length}", Disk);

    /// <summary>Flips one bit of the disk while the machine is off.</summary>
    /// <param name="offset">Of its byte, in bytes from the start of the disk.</param>
    /// <param name="bit">0 is the lowest.</param>
    public void FlipBit(long offset, int bit) => WriteToDisk(offset, (byte)(ReadFromDisk(offset) ^ (1 << bit)), 1);

    /// <summary>Fills a partition of the image with zeros while the machine is off.</summary>
    public void BlankPartition(string name)
    {
        (long start, long size) = BakedImage.Partition(name);
        Judge.Run("qemu-io", "-f", "qcow2", "-c", $"write -z {start} {size}", Disk);
    }

    /// <summary>Writes what the image has in one partition into another of the same size while the machine is off.</summary>
    public void FillPartition(string name, string from)
    {
        (long start, long size) = BakedImage.Partition(from);
        Judge.Run(
            "qemu-img", "convert", "-n",
            "--image-opts", string.Create(CultureInfo.InvariantCulture, $"driver=raw,offset={start},size={size},file.driver=file,file.filename={BakedImage.RawDisk}"),
            "--target-image-opts", string.Create(CultureInfo.InvariantCulture, $"driver=raw,offset={BakedImage.PartitionStart(name)},size={size},file.driver=qcow2,file.file.filename={Disk}"));
    }

    /// <summary>Copies a partition, up to the end of the disk, into a sparse file while the machine is off.</summary>
    public void CopyPartition(string name, string file) => Judge.Run(
        "qemu-img", "convert", "-O", "raw", "--image-opts",
        string.Create(CultureInfo.InvariantCulture, $"driver=raw,offset={BakedImage.PartitionStart(name)},file.driver=qcow2,file.file.filename={Disk}"), file);

    /// <summary>Makes the disk bigger while the machine is off.</summary>
    public void GrowDisk(int mebibytes) => Judge.Run("qemu-img", "resize", "-q", Disk, $"{mebibytes}M");

    public void Dispose() => CutPower();

    // qemu-io shows it as "00000010:  5a  Z"
    private byte ReadFromDisk(long offset) => byte.Parse(
        Judge.Run("qemu-io", "-r", "-f", "qcow2", "-c", $"read -v {offset} 1", Disk).Split(':', 2)[1].TrimStart()[..2],
        NumberStyles.AllowHexSpecifier,
        CultureInfo.InvariantCulture);

    private List<string> Arguments()
    {
        List<string> arguments =
        [
            "-name", Name, "-nodefaults", "-display", "none", "-no-reboot", "-machine", "q35",
            "-accel", _accelerator == "tcg" ? "tcg,thread=multi" : _accelerator, "-cpu", _accelerator == "tcg" ? EmulatedCpu() : "host",
            "-smp", $"{_options.Processors}", "-m", $"{_options.MemoryMebibytes}",
            "-drive", $"if=pflash,format=raw,readonly=on,file={FirmwareCode}",
            "-drive", $"if=pflash,format=raw,file={Path.Combine(_options.Folder, _options.Name + ".vars.fd")}",
            "-drive", $"if=virtio,format=qcow2,file={Disk}",
            "-device", "virtio-rng-pci", "-chardev", $"file,id=console,path={ConsolePath}", "-serial", "chardev:console",
        ];
        if (_options.Clock is { } clock)
        {
            arguments.AddRange(["-rtc", string.Create(CultureInfo.InvariantCulture, $"base={clock.UtcDateTime:s}")]);
        }

        if (_options.SeedImage is { } seed)
        {
            arguments.AddRange(["-drive", $"if=none,id=seed,format=raw,readonly=on,file={seed}", "-device", "ide-cd,drive=seed"]);
        }

        if (_options.SeedDisk is { } seedDisk)
        {
            arguments.AddRange(["-drive", $"if=virtio,format=raw,readonly=on,file={seedDisk}"]);
        }

        if (_options.OtherDisk is { } otherDisk)
        {
            arguments.AddRange(["-drive", $"if=virtio,format=qcow2,file={otherDisk}"]);
        }

        if (_options.Network is { } network)
        {
            (string tap, string mac) = network.Plug(Name, _options.Address);
            arguments.AddRange(["-netdev", $"tap,id=net,ifname={tap},script=no,downscript=no", "-device", $"virtio-net-pci,netdev=net,romfile=,mac={mac}"]);
        }

        if (_options.ExtraCommandLine is { } extra)
        {
            arguments.AddRange(["-smbios", $"type=11,value=io.systemd.stub.kernel-cmdline-extra={extra.Replace(",", ",,", StringComparison.Ordinal)}"]);
        }

        return arguments;
    }

    // QEMU 7.2's emulated cmpxchg16b double-faults a 6.12 guest; later ones are fine.
    private static string EmulatedCpu() =>
        Judge.Run("qemu-system-x86_64", "--version").Contains("version 7.", StringComparison.Ordinal) ? "max,cx16=off" : "max";
}
