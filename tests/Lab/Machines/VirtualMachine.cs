using System.Globalization;
using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>
/// One QEMU machine with UEFI firmware, started from the baked image through a copy-on-write disk, so that the image
/// itself is never written. The disk outlives the machine's process: starting again is a boot of the same machine.
/// </summary>
internal sealed class VirtualMachine : Machine
{
    private const string FirmwareCode = "/usr/share/OVMF/OVMF_CODE_4M.fd";
    private const string FirmwareVariables = "/usr/share/OVMF/OVMF_VARS_4M.fd";

    private const string JournalOnConsole = "systemd.journald.forward_to_console=1";

    // Emulation unless asked for: a /dev/kvm that can be opened may still never run a guest (a nested one, say).
    private static readonly string _accelerator = Environment.GetEnvironmentVariable("IMAGES_ACCELERATOR") ?? "tcg";

    private VirtualMachineOptions _options;
    private TetheredProcess? _process;
    private int _boots;

    public VirtualMachine(VirtualMachineOptions options)
        : base(options)
    {
        _options = options;
        Wipe();
    }

    public string Disk => Path.Combine(_options.Folder, $"{_options.Name}.qcow2");

    public override bool IsRunning => _process is { HasExited: false };

    /// <summary>The image as it was baked, on a blank disk of the same size.</summary>
    public override void Wipe()
    {
        File.Delete(Disk);
        Judge.Run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", _options.Image ?? BakedImage.RawDisk, Disk, $"{_options.DiskMebibytes}M");
        File.Copy(FirmwareVariables, Path.Combine(_options.Folder, $"{_options.Name}.vars.fd"), overwrite: true);
    }

    /// <summary>The process is killed, nothing is flushed by the guest.</summary>
    public override void CutPower()
    {
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Other hardware around the same disk, while the machine is off.</summary>
    public void Change(Func<VirtualMachineOptions, VirtualMachineOptions> change) => _options = change(_options);

    /// <summary>Puts the image's partition table in the place of the disk's own while the machine is off.</summary>
    public void TakeTableOfImage() => Copy(0, 0, BakedImage.PartitionStart("esp"));

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
        Copy(start, BakedImage.PartitionStart(name), size);
    }

    /// <summary>Copies a partition, up to the end of the disk, into a sparse file while the machine is off.</summary>
    public void CopyPartition(string name, string file) => Judge.Run(
        "qemu-img", "convert", "-O", "raw", "--image-opts",
        string.Create(CultureInfo.InvariantCulture, $"driver=raw,offset={BakedImage.PartitionStart(name)},file.driver=qcow2,file.file.filename={Disk}"), file);

    /// <summary>Makes the disk bigger while the machine is off.</summary>
    public void GrowDisk(int mebibytes) => Judge.Run("qemu-img", "resize", "-q", Disk, $"{mebibytes}M");

    private void Copy(long fromImage, long to, long size) => Judge.Run(
        "qemu-img", "convert", "-n",
        "--image-opts", string.Create(CultureInfo.InvariantCulture, $"driver=raw,offset={fromImage},size={size},file.driver=file,file.filename={BakedImage.RawDisk}"),
        "--target-image-opts", string.Create(CultureInfo.InvariantCulture, $"driver=raw,offset={to},size={size},file.driver=qcow2,file.file.filename={Disk}"));

    protected override ConsoleLog PowerOn()
    {
        _boots++;
        string console = Path.Combine(_options.Folder, $"{_options.Name}.boot{_boots}.console.log");
        File.Delete(console);
        _process = new TetheredProcess(_options.Network?.Entrance ?? [], [Judge.Find("qemu-system-x86_64"), .. Arguments(console)]);
        return new ConsoleLog(console);
    }

    protected override bool EndsWithin(TimeSpan patience) => _process!.WaitForExit(patience);

    // qemu-io shows it as "00000010:  5a  Z"
    private byte ReadFromDisk(long offset) => byte.Parse(
        Judge.Run("qemu-io", "-r", "-f", "qcow2", "-c", $"read -v {offset} 1", Disk).Split(':', 2)[1].TrimStart()[..2],
        NumberStyles.AllowHexSpecifier,
        CultureInfo.InvariantCulture);

    private List<string> Arguments(string console)
    {
        List<string> arguments =
        [
            "-name", Name, "-nodefaults", "-display", "none", "-no-reboot", "-machine", "q35",
            .. Processor(_options.ProcessorModel),
            "-smp", $"{_options.Processors}", "-m", $"{_options.MemoryMebibytes}",
            "-drive", $"if=pflash,format=raw,readonly=on,file={FirmwareCode}",
            "-drive", $"if=pflash,format=raw,file={Path.Combine(_options.Folder, _options.Name + ".vars.fd")}",
            "-drive", $"if=virtio,format=qcow2,file={Disk}",
            "-device", "virtio-rng-pci", "-chardev", $"file,id=console,path={console}", "-serial", "chardev:console",
        ];
        if (_options.Clock is { } clock)
        {
            arguments.AddRange(["-rtc", string.Create(CultureInfo.InvariantCulture, $"base={clock.UtcDateTime:s}")]);
        }

        if ((_options.SeedImage ?? (_options.Seed is { } folder ? folder + ".iso" : null)) is { } seed)
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

        if (_options.UserNetworkPorts is { } ports)
        {
            string forwards = string.Concat(ports.Select(port => string.Create(CultureInfo.InvariantCulture, $",hostfwd=tcp:127.0.0.1:{port}-:{port}")));
            arguments.AddRange(["-netdev", "user,id=net" + forwards, "-device", "virtio-net-pci,netdev=net,romfile="]);
        }
        else if (_options.Network is { } network)
        {
            (string tap, string mac) = network.Plug(Name, _options.Address);
            arguments.AddRange(["-netdev", $"tap,id=net,ifname={tap},script=no,downscript=no", "-device", $"virtio-net-pci,netdev=net,romfile=,mac={mac}"]);
        }

        if (_options.Firmware is { } firmware)
        {
            arguments.AddRange(["-smbios", $"type=1,{firmware}"]);
        }

        string extra = string.Join(' ', new[] { _options.JournalOnConsole ? JournalOnConsole : null, _options.ExtraCommandLine }.OfType<string>());
        if (extra.Length > 0)
        {
            arguments.AddRange(["-smbios", $"type=11,value=io.systemd.stub.kernel-cmdline-extra={extra.Replace(",", ",,", StringComparison.Ordinal)}"]);
        }

        return arguments;
    }

    /// <summary>Arguments of QEMU: who computes, and as what.</summary>
    /// <param name="model">Null: the one with most.</param>
    public static string[] Processor(string? model = null) =>
        ["-accel", _accelerator == "tcg" ? "tcg,thread=multi" : _accelerator, "-cpu", model ?? ProcessorModel()];

    // QEMU 7.2's emulated cmpxchg16b double-faults a 6.12 guest, and no node can do without it; later ones are fine.
    private static string ProcessorModel() =>
        _accelerator != "tcg" ? "host"
        : !Judge.Run("qemu-system-x86_64", "--version").Contains("version 7.", StringComparison.Ordinal) ? "max"
        : throw new MachineException("QEMU 7 cannot emulate cmpxchg16b, which a node needs. './build.sh --target Test' and '--target Boot' get a later one.");
}
