using Images.Baker.Manifest;
using Images.Formats.Tree;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Boot;

/// <summary>
/// What the firmware finds: systemd-boot under the removable-media name, the image's UKI for slot a, and the boot entry
/// (BLS type 1) that names it. An entry is sorted by how often something was installed, not by the image's version: so
/// an upgrade to an older version, or to the same one baked anew, is an upgrade too.
/// </summary>
internal static class EspTree
{
    // the editor would let a person at the console change what is booted
    private const string LoaderConfiguration = "timeout 0\neditor no\nauto-entries no\nauto-firmware no\n";

    public static FileTree Make(byte[] loader, byte[] uki, ImageFacts image)
    {
        FileTreeBuilder esp = new(image.SourceDateUnixSeconds);
        esp.AddFile(NodeEsp.Loader, new MemoryContent(loader));
        esp.AddFile(NodeEsp.ImageA, new MemoryContent(uki));
        esp.AddFile(
            NodeEsp.FirstEntry,
            new MemoryContent(BootEntryText.Of($"{image.Name} {image.Version}", number: 1, slot: 'a')));
        esp.AddText(NodeEsp.LoaderConfiguration, LoaderConfiguration);
        return esp.Build();
    }
}
