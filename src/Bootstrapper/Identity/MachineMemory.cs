using Images.Bootstrapper.Machine;

namespace Images.Bootstrapper.Identity;

/// <summary>
/// What a machine remembers of its first boot to know itself and its source again. Each part is null on a machine whose
/// first boot was of an image that kept none.
/// </summary>
internal sealed record MachineMemory
{
    public static MachineMemory None { get; } = new();

    public MetadataOrigin? Source { get; init; }

    public MachineFingerprint? Machine { get; init; }
}
