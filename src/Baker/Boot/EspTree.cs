using Images.Baker.Manifest;
using Images.Formats.Tree;

namespace Images.Baker.Boot;

/// <summary>
/// What the firmware finds: systemd-boot under the removable-media name, and the image's UKI as boot entry (BLS type
/// 2).
/// </summary>
internal static class EspTree
{
    // the editor would let a person at the console change what is booted
    private const string LoaderConfiguration = "timeout 0\neditor no\nauto-entries no\nauto-firmware no\n";

    public static FileTree Make(byte[] loader, byte[] uki, ImageFacts image)
    {
        FileTreeBuilder esp = new(image.SourceDateUnixSeconds);
        esp.AddFile("EFI/BOOT/BOOTX64.EFI", new MemoryContent(loader));
        esp.AddFile($"EFI/Linux/{image.Name}_{image.Version}.efi", new MemoryContent(uki));
        esp.AddText("loader/loader.conf", LoaderConfiguration);
        return esp.Build();
    }
}
