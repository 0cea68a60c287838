using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Upgrade;

/// <summary>Looks which image runs. Anybody on the machine may.</summary>
internal static class ImageLook
{
    public static ImageStatus Read(NodeRoot root)
    {
        FailedImage? failed = UpgradeMemory.Read(root).Failed is [.., { } last] ? last : null;
        return new ImageStatus
        {
            Version = ImageDescription.Read(root).Version,
            Slot = MachineSlots.RunningSlot(root),
            Entry = BootTrial.Entry(root),
            OnTrial = BootTrial.IsOnTrial(root),
            GivenUp = failed?.ToString(),
            LastLines = failed?.LastLines ?? [],
        };
    }
}
