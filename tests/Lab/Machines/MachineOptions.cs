namespace Images.Lab.Machines;

/// <summary>What a machine is made of.</summary>
internal sealed record MachineOptions
{
    /// <summary>For <see cref="ExtraCommandLine"/>: systemd says which unit it starts on the console also once the machine is up.</summary>
    public const string JournalOnConsole = "systemd.journald.forward_to_console=1";

    public required string Name { get; init; }

    /// <summary>Folder for its disk, console and firmware variables.</summary>
    public required string Folder { get; init; }

    /// <summary>Disk size; larger than the image, so that the state partition has room to grow.</summary>
    public int DiskMebibytes { get; init; } = 8192;

    public int MemoryMebibytes { get; init; } = 1536;

    /// <summary>
    /// One, unless a role asks for more: emulated ones of QEMU 7.2 now and then run stale code while the kernel rewrites its own, and a guest
    /// died of "Oops: int3" in sched_clock_cpu.
    /// </summary>
    public int Processors { get; init; } = 1;

    /// <summary>What the machine's clock says when it starts; this host's time where it is left out.</summary>
    public DateTimeOffset? Clock { get; init; }

    /// <summary>Seed image (ISO) in a CD drive.</summary>
    public string? SeedImage { get; init; }

    /// <summary>Seed image (FAT) as a second disk.</summary>
    public string? SeedDisk { get; init; }

    /// <summary>Disk (qcow2) of another machine that is off, behind the machine's own.</summary>
    public string? OtherDisk { get; init; }

    /// <summary>Network the machine is plugged into; none: no network device.</summary>
    public Networks.LabNetwork? Network { get; init; }

    /// <summary>Address that the network's DHCP server gives this machine.</summary>
    public string? Address { get; init; }

    /// <summary>Extra kernel command line, handed over in SMBIOS type 11 as systemd-stub reads it.</summary>
    public string? ExtraCommandLine { get; init; }
}
