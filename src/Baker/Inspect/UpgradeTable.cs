using Images.Baker.Progress;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Inspect;

/// <summary>What an upgrade says of itself, for people.</summary>
internal static class UpgradeTable
{
    /// <param name="upgrade">What it says.</param>
    /// <param name="isSigned">Whether a signature stands behind it; whose, only a node's keys can tell.</param>
    /// <param name="output">Where to.</param>
    public static void Write(UpgradeManifest upgrade, bool isSigned, TextWriter output)
    {
        Line($"{upgrade.Name} {upgrade.Version}, an upgrade for {upgrade.Architecture}, kernel {upgrade.Kernel}");
        Line($"kubernetes: {upgrade.Kubernetes ?? "none"}, etcd: {upgrade.Etcd ?? "none"}");
        Line(upgrade.Delta is { } delta
            ? $"from: the image with root hash {delta.FromRootHash} only, for it is a delta"
            : $"from: {upgrade.From ?? "any version"}");
        Line($"kernel image {ByteText.Size(upgrade.UkiBytes)}, SHA-256 {upgrade.UkiSha256}");
        Line($"root {ByteText.Size(upgrade.RootBytes)} for slots of at least {ByteText.Size(upgrade.SlotBytes)}, "
            + $"SHA-256 {upgrade.RootSha256}");
        Line($"root hash {upgrade.RootHash}");
        Line($"signature: {(isSigned ? "ECDSA over P-256" : "none")}");
        if (upgrade.Delta is { } part)
        {
            Line($"instructions {ByteText.Size(part.Bytes)}, SHA-256 {part.Sha256}");
        }

        void Line(string text) => output.WriteLine(PlainText.Of(text));
    }
}
