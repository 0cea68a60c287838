namespace Images.Lab.Machines;

/// <summary>What a machine of either kind is made of.</summary>
internal record MachineOptions
{
    public required string Name { get; init; }

    /// <summary>Folder for its console and what it writes.</summary>
    public required string Folder { get; init; }

    /// <summary>Seed: a folder with user-data and meta-data, beside which lies the ISO of the two.</summary>
    public string? Seed { get; init; }

    /// <summary>Network the machine is plugged into; none: no network device.</summary>
    public Networks.LabNetwork? Network { get; init; }

    /// <summary>Address that the network's DHCP server gives this machine.</summary>
    public string? Address { get; init; }

    public int MemoryMebibytes { get; init; } = 1536;

    /// <summary>
    /// One, unless a role asks for more: emulated ones of QEMU 7.2 now and then run stale code while the kernel rewrites its own, and a guest
    /// died of "Oops: int3" in sched_clock_cpu.
    /// </summary>
    public int Processors { get; init; } = 1;
}
