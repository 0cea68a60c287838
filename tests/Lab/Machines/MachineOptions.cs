namespace Images.Lab.Machines;

/// <summary>What a machine of either kind is made of.</summary>
internal record MachineOptions
{
    public required string Name { get; init; }

    /// <summary>Folder for its console and what it writes; a container's lie in its network's.</summary>
    public required string Folder { get; init; }

    /// <summary>Seed: a folder with user-data and meta-data, beside which lies the ISO of the two.</summary>
    public string? Seed { get; init; }

    /// <summary>Network the machine is plugged into, which a container cannot be without; none: no network device.</summary>
    public Networks.LabNetwork? Network { get; init; }

    /// <summary>Whether systemd says which unit it starts on the console also once the machine is up.</summary>
    public bool JournalOnConsole { get; init; }

    /// <summary>What is laid over a container's /etc: content by the path below it.</summary>
    public IReadOnlyDictionary<string, string> EtcFiles { get; init; } = new Dictionary<string, string>();

    /// <summary>Address that the network's DHCP server gives this machine.</summary>
    public string? Address { get; init; }

    /// <summary>A container has no limit.</summary>
    public int MemoryMebibytes { get; init; } = 1536;

    /// <summary>
    /// One, unless a role asks for more; a container has all. Emulated ones of QEMU 7.2 now and then run stale code while the kernel rewrites its own, and a guest
    /// died of "Oops: int3" in sched_clock_cpu.
    /// </summary>
    public int Processors { get; init; } = 1;
}
