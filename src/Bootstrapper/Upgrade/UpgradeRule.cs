using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>Whether this machine takes that image; without looking at a disk.</summary>
internal static class UpgradeRule
{
    /// <param name="manifest">Of the upgrade.</param>
    /// <param name="running">The image that runs.</param>
    /// <param name="rootHash">Of it.</param>
    /// <param name="memory">Of upgrades before.</param>
    /// <param name="again">Whether an image that was given up is tried.</param>
    /// <exception cref="BootFailure">It does not.</exception>
    public static void Require(
        UpgradeManifest manifest, RunningImage running, string rootHash, UpgradeMemory memory, bool again)
    {
        if (manifest.Name != running.Name)
        {
            throw new BootFailure(
                "NODE0806", "the upgrade",
                $"it is of the image '{manifest.Name}', and this machine runs '{running.Name}'",
                "take the upgrade that was baked beside this machine's image, or replace the machine");
        }

        if (manifest.Architecture != running.Architecture)
        {
            throw new BootFailure(
                "NODE0806", "the upgrade",
                $"it is for {manifest.Architecture}, and this machine's processor is {running.Architecture}",
                "bake one for this architecture");
        }

        if (manifest.Delta is { } delta && delta.FromRootHash != rootHash)
        {
            throw new BootFailure(
                "NODE0807", "the upgrade",
                $"it is a delta from root hash {delta.FromRootHash}, and this machine runs {rootHash}",
                "take the whole upgrade, or bake a delta from the image that runs here");
        }

        if (manifest.From is { } minimum && !IsAtLeast(running.Version, minimum))
        {
            throw new BootFailure(
                "NODE0813", "the upgrade", $"it follows {minimum} or later, and this machine runs {running.Version}",
                "upgrade to an image in between first");
        }

        if (!again && memory.FailedAs(manifest.RootHash) is { } failed)
        {
            throw new BootFailure(
                "NODE0808", "the upgrade", $"{failed} ({failed.At:yyyy-MM-dd HH:mm:ss} UTC)",
                "mend what was wrong and add --again, or bake another image");
        }
    }

    /// <summary>By the numbers that both begin with; what cannot be read is less than anything.</summary>
    private static bool IsAtLeast(string version, string minimum) =>
        Numbers(version) is { } has && Numbers(minimum) is { } needs && has >= needs;

    /// <summary>What a version begins with; null where that is no number with dots.</summary>
    public static Version? Numbers(string version)
    {
        string beginning = string.Concat(
            version.TakeWhile(character => char.IsAsciiDigit(character) || character is '.'));
        return Version.TryParse(beginning, out Version? numbers) ? numbers : null;
    }
}
