using System.Text;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>What the boot loader says of this boot, in variables of the firmware that end with it.</summary>
internal static class BootTrial
{
    private const string Variables = "/sys/firmware/efi/efivars/";
    private const string Vendor = "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
    private const string CountedPath = Variables + "LoaderBootCountPath" + Vendor;
    private const string SelectedEntry = Variables + "LoaderEntrySelected" + Vendor;
    private const int Attributes = 4;
    private const int MaximumBytes = 4096;

    /// <summary>The entry under its name while it is tried; null in a boot that nobody counts.</summary>
    public static BootEntry? Counted(NodeRoot root) => root.IsContainer ? ContainerBoot.Read(root)?.Counted
        : Read(root, CountedPath) is { } path
            && BootEntry.TryParse(path[(path.LastIndexOf('\\') + 1)..], out BootEntry? entry)
                ? entry
                : null;

    /// <summary>Whether this boot is counted and its image was not kept yet: the other slot is the way back.</summary>
    public static bool IsOnTrial(NodeRoot root) => Counted(root) is not null && !File.Exists(root[NodePaths.Blessed]);

    /// <summary>The entry that the loader started; null where it did not say.</summary>
    public static string? Entry(NodeRoot root) =>
        Counted(root) is not { } counted
            ? root.IsContainer ? ContainerBoot.Read(root)?.Entry : Read(root, SelectedEntry)
            : IsOnTrial(root) ? counted.FileName
            : BootEntries.Blessed(counted).FileName;

    private static string? Read(NodeRoot root, string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(root[path]);
            return bytes.Length is > Attributes and < MaximumBytes
                ? Encoding.Unicode.GetString(bytes.AsSpan(Attributes)).TrimEnd('\0')
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // other firmware, or none
        }
    }
}
