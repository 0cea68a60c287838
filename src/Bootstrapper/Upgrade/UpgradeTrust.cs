using Images.Bootstrapper.Reporting;
using Images.Formats;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>Whose upgrades this machine takes: its keys' ones; anybody's where the image has no list.</summary>
internal static class UpgradeTrust
{
    /// <exception cref="BootFailure">The list cannot be read; nothing is taken then.</exception>
    public static UpgradeKeys ReadKeys(NodeRoot root)
    {
        string path = root[NodePaths.UpgradeKeys];
        try
        {
            return Path.Exists(path)
                ? UpgradeKeys.Parse(File.ReadAllText(path), NodePaths.UpgradeKeys)
                : UpgradeKeys.None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or MalformedDataException)
        {
            throw new BootFailure(
                "NODE0819", NodePaths.UpgradeKeys, $"the list of keys cannot be used: {FaultText.Of(e).TrimEnd('.')}",
                "replace the machine by one from an image whose list is right");
        }
    }

    /// <summary>
    /// The oldest version that the running image lets itself be left for: an old image may have faults that its keys'
    /// owner has mended since, and its signature stays good. Null for any.
    /// </summary>
    /// <exception cref="BootFailure">It cannot be read; nothing is taken then.</exception>
    public static Version? ReadMinimum(NodeRoot root)
    {
        string path = root[NodePaths.UpgradeMinimum];
        try
        {
            return !Path.Exists(path) ? null
                : Version.TryParse(File.ReadAllText(path).Trim(), out Version? minimum) ? minimum
                : throw new MalformedDataException(NodePaths.UpgradeMinimum, -1, "it is no version.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or MalformedDataException)
        {
            throw new BootFailure(
                "NODE0819", NodePaths.UpgradeMinimum, $"it cannot be used: {FaultText.Of(e).TrimEnd('.')}",
                "replace the machine by one from an image whose minimum is right");
        }
    }

    /// <exception cref="BootFailure">The upgrade is older.</exception>
    public static void RequireNotBelow(Version? minimum, UpgradeManifest manifest)
    {
        if (minimum is not null && !(UpgradeRule.Numbers(manifest.Version) >= minimum))
        {
            throw new BootFailure(
                "NODE0818", "the upgrade",
                $"it is {manifest.Version}, and this machine's image takes nothing older than {minimum}",
                "bake an image of a later version");
        }
    }

    /// <summary>To be asked before anything of the upgrade is believed or written.</summary>
    /// <exception cref="BootFailure">The image has keys, and none of them signed this manifest.</exception>
    public static void Require(UpgradeKeys keys, UpgradeArtefact artefact)
    {
        if (keys.Any && !keys.Verify(artefact.ManifestBytes.Span, artefact.Signature.Span))
        {
            throw new BootFailure(
                "NODE0817", "the upgrade",
                artefact.Signature.IsEmpty
                    ? "it is not signed, and this machine takes what its keys have signed"
                    : "none of this machine's keys has signed it",
                "sign it with a key of this image's list when it is baked");
        }
    }
}
