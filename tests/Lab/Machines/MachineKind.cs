namespace Images.Lab.Machines;

internal enum MachineKind
{
    /// <summary>The image's root with its own systemd on this machine's kernel: everything of several machines.</summary>
    Container,

    /// <summary>An emulated machine: firmware, loader, kernel, verity, disks, power cuts and the clock, too.</summary>
    Qemu,
}
