using Images.Baker.Layers;
using Images.Baker.Locking;
using Images.Baker.Plan;

namespace Images.Baker.Baking;

/// <summary>image.yaml's prune section as one package's ordered rules; the last that matches decides.</summary>
internal static class PackageRules
{
    /// <summary>
    /// Packages that only the initramfs or the boot loader is taken from are not pruned: nothing else of them is used.
    /// </summary>
    public static PruneRules Of(LockedPackage package, PrunePlan plan)
    {
        if (!package.Uses.Contains(PackageUse.Root))
        {
            return PruneRules.None;
        }

        plan.Packages.TryGetValue(package.Name, out PackagePrunePlan? own);
        IEnumerable<string> only =
            own is { Only.IsEmpty: false } ? ["drop **", .. own.Only.Select(glob => $"keep {glob}")] : [];
        return PruneRules.Parse(
        [
            .. only,
            .. plan.Paths.Select(glob => $"drop {glob}"),
            .. (own?.Paths ?? []).Select(glob => $"drop {glob}"),
            .. plan.Keep.Select(glob => $"keep {glob}"),
        ]);
    }
}
