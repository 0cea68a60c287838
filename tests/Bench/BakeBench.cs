using Images.TestSupport;

namespace Images.Bench;

/// <summary>How long a bake takes and how much memory, against tools that do parts of it.</summary>
internal sealed class BakeBench(PublishedBaker baker, string work)
{
    public IEnumerable<Measured> Run()
    {
        baker.Bake(baker.Cache);
        yield return Warm();
        yield return Cold();
        baker.Bake(baker.ColdCache());
        yield return new Measured("peak resident memory of a bake, cold and warm", $"{baker.PeakKibibytes / 1024} MiB", "≤ 500 MiB", baker.PeakKibibytes <= 500 * 1024,
            "largest of all bakes above and of a cold one with Kubernetes' programs built before; the maximum resident set size of the process `dotnet baker.dll`, from GNU time");
    }

    private Measured Warm()
    {
        string copy = Path.Combine(work, "copy.raw");
        (double ratio, double bake, double cp) = Timed.Pairs(5,
            () =>
            {
                baker.ChangeARole();
                return baker.Bake(baker.Cache);
            },
            () => Timed.Seconds("cp", "--reflink=never", "--sparse=auto", baker.Image, copy));
        File.Delete(copy);
        return Measured.Ratio("warm `baker bake` after a change to a role file / cp of the image", ratio, 4.2,
            $"medians {bake:0.00} s and {cp:0.00} s of five pairs in turn; the default image with Kubernetes built from Debian's sources, downloads, programs and layers cached; `cp --reflink=never --sparse=auto`; page cache warm for both");
    }

    private Measured Cold()
    {
        string unpacked = Path.Combine(work, "unpacked");
        string list = Path.Combine(work, "debs");
        string[] packages = [.. baker.RootPackages().Select(each => each.File)];
        File.WriteAllLines(list, packages);
        string script = $"set -e; mkdir '{unpacked}'; while read -r deb; do dpkg-deb -x \"$deb\" '{unpacked}'; done < '{list}'; "
            + $"mksquashfs '{unpacked}' '{unpacked}.squashfs' -comp gzip -noappend -no-progress -quiet";
        (double ratio, double bake, double shell) = Timed.Pairs(3,
            () => baker.Bake(baker.ColdCache(), output: Path.Combine(work, "packages"), kubernetes: "none"),
            () =>
            {
                Judge.Run("rm", "-rf", unpacked, $"{unpacked}.squashfs");
                return Timed.Seconds("sh", "-c", script);
            });
        Judge.Run("rm", "-rf", unpacked, $"{unpacked}.squashfs", Path.Combine(work, "packages"));
        return Measured.Ratio("cold bake, downloads cached / `dpkg-deb -x` of the same packages + `mksquashfs -comp gzip`", ratio, 0.7,
            $"medians {bake:0.0} s and {shell:0.0} s of three pairs in turn; both start from the same {packages.Length} .deb files on disk, without Kubernetes (`--kubernetes none`); ours ends with the finished disk, theirs with a SquashFS of everything that the packages hold, nothing pruned");
    }
}
