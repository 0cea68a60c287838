using System.Diagnostics;
using System.Globalization;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.Launcher.Roots;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>The store of unpacked roots: what an image costs there beside another one that differs by one file.</summary>
/// <param name="baker">Bakes that image.</param>
/// <param name="work">Folder for a store of its own.</param>
internal sealed class RootStoreBench(PublishedBaker baker, string work)
{
    public Measured Run()
    {
        baker.ChangeARole();
        baker.Bake(baker.Cache);
        string cache = Path.Combine(work, "roots-cache");
        RootStore store = new(cache, LabRange.Own, LabRange.UnpackCommand);
        store.Sweep(DateTime.MaxValue); // what an earlier run left
        double first = Obtain(store, BakedImage.RawDisk);
        long before = Kibibytes(cache);
        double second = Obtain(store, baker.Image);
        long own = Kibibytes(cache) - before;
        store.Sweep(DateTime.MaxValue);
        return new Measured(
            "root of an image with one changed file, unpacked beside the other's",
            second.ToString("0.00", CultureInfo.InvariantCulture) + " s", "≤ 1 s", second <= 1,
            string.Create(CultureInfo.InvariantCulture, $"a role's template was changed; {first:0.0} s and {before / 1024} MiB for the first root, {own / 1024.0:0.0} MiB more for the second: its folders and what changed"));
    }

    private static double Obtain(RootStore store, string image)
    {
        long begun = Stopwatch.GetTimestamp();
        using RootLease lease = store.Obtain(image, _ => { });
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static long Kibibytes(string folder) =>
        long.Parse(Judge.Run("du", "-sk", folder).Split('\t')[0], CultureInfo.InvariantCulture);
}
