namespace Images.NodeConfig.Upgrades;

/// <summary>
/// The files of a node's EFI system partition. Each root slot has a kernel image of fixed name; which one is started
/// says the newest entry of the Boot Loader Specification's type 1, so no name holds a version.
/// </summary>
public static class NodeEsp
{
    /// <summary>The boot loader, under the name that firmware looks for where nothing else was registered.</summary>
    public const string Loader = "EFI/BOOT/BOOTX64.EFI";

    public const string LoaderConfiguration = "loader/loader.conf";

    public const string EntriesFolder = "loader/entries";

    public const string ImagesFolder = "EFI/images";

    /// <summary>The kernel image that belongs to the root in slot a.</summary>
    public const string ImageA = ImagesFolder + "/a.efi";

    /// <summary>The kernel image that belongs to the root in slot b.</summary>
    public const string ImageB = ImagesFolder + "/b.efi";

    /// <summary>The entry of a baked disk; each upgrade counts on.</summary>
    public const string FirstEntry = EntriesFolder + "/node-1.conf";

    /// <param name="slot">a or b.</param>
    public static string ImageOf(char slot) => slot == 'a' ? ImageA : ImageB;
}
