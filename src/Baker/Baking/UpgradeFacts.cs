using Images.Baker.Debian.Packages;
using Images.Baker.Locking;
using Images.Baker.Manifest;
using Images.Baker.Plan;
using Images.Formats.Gpt;
using Images.Formats.Verity;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Baking;

/// <summary>What the manifest of an upgrade says of the image.</summary>
internal static class UpgradeFacts
{
    /// <summary>Brings the program etcd.</summary>
    public const string EtcdPackage = "etcd-server";

    /// <summary>All but what only the writer of the parts knows.</summary>
    public static UpgradeManifest Of(ImageFacts image, ImagePlan plan, ImageLock pinned, VerityInfo verity) => new()
    {
        Name = image.Name,
        Version = image.Version,
        Architecture = plan.Debian.Architecture,
        RootHash = verity.RootHash,
        RootBytes = verity.TotalBytes,
        RootSha256 = "",
        Verity = new UpgradeVerity
        {
            Salt = verity.Salt,
            DataBlocks = verity.DataBlocks,
            HashStartBlock = verity.HashStartBlock,
        },
        SlotBytes = (verity.TotalBytes + GptLayout.Mebibyte - 1) / GptLayout.Mebibyte * GptLayout.Mebibyte,
        UkiBytes = 0,
        UkiSha256 = "",
        Kernel = image.KernelRelease,
        Kubernetes = image.Kubernetes?.Version,
        Etcd = pinned.PackagesFor(PackageUse.Root)
            .Where(package => package.Name == EtcdPackage)
            .Select(package => DebVersion.Parse(package.Version).Upstream)
            .FirstOrDefault(),
    };
}
