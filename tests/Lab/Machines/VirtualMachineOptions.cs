using System.Diagnostics.CodeAnalysis;

namespace Images.Lab.Machines;

/// <summary>What only a machine with firmware, disks and a clock of its own has.</summary>
internal sealed record VirtualMachineOptions : MachineOptions
{
    public VirtualMachineOptions()
    {
    }

    /// <summary>Nothing of its own beside what every machine has.</summary>
    [SetsRequiredMembers]
    public VirtualMachineOptions(MachineOptions common)
        : base(common)
    {
    }

    /// <summary>What its disk begins as; null: the build's image.</summary>
    public string? Image { get; init; }

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

    /// <summary>
    /// TCP ports of the machine that answer at 127.0.0.1 of the network's namespace, while the machine itself is on a network of QEMU's own,
    /// with a DHCP server and, in that namespace, nobody who answers DNS; null: it is plugged into <see cref="MachineOptions.Network"/>.
    /// </summary>
    public IReadOnlyList<int>? UserNetworkPorts { get; init; }

    /// <summary>What SMBIOS says of the system (type 1), as <c>uuid=…,serial=…</c>; null for QEMU's own.</summary>
    public string? Firmware { get; init; }

    /// <summary>Extra kernel command line, handed over in SMBIOS type 11 as systemd-stub reads it.</summary>
    public string? ExtraCommandLine { get; init; }
}
