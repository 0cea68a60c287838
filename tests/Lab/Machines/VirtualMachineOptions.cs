namespace Images.Lab.Machines;

/// <summary>What only a machine with firmware, disks and a clock of its own has.</summary>
internal sealed record VirtualMachineOptions : MachineOptions
{
    /// <summary>For <see cref="ExtraCommandLine"/>: systemd says which unit it starts on the console also once the machine is up.</summary>
    public const string JournalOnConsole = "systemd.journald.forward_to_console=1";

    /// <summary>Disk size; larger than the image, so that the state partition has room to grow.</summary>
    public int DiskMebibytes { get; init; } = 8192;

    /// <summary>As QEMU's -cpu takes it; null for what the accelerator does best.</summary>
    public string? ProcessorModel { get; init; }

    /// <summary>What the machine's clock says when it starts; this host's time where it is left out.</summary>
    public DateTimeOffset? Clock { get; init; }

    /// <summary>Another ISO in its CD drive than that of <see cref="MachineOptions.Seed"/>.</summary>
    public string? SeedImage { get; init; }

    /// <summary>Seed image (FAT) as a second disk.</summary>
    public string? SeedDisk { get; init; }

    /// <summary>Disk (qcow2) of another machine that is off, behind the machine's own.</summary>
    public string? OtherDisk { get; init; }

    /// <summary>Extra kernel command line, handed over in SMBIOS type 11 as systemd-stub reads it.</summary>
    public string? ExtraCommandLine { get; init; }
}
