using System.Text.RegularExpressions;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>
/// A cold bake against mmdebstrap, both with the same packages. mmdebstrap runs maintainer scripts, which need packages that
/// our image drops (dpkg, perl-base, debconf and the like); so here our side takes those too: its plan is image.yaml with nothing dropped.
/// </summary>
internal sealed class MmdebstrapBench(PublishedBaker baker, string? mirror, string work)
{
    private const string PlanName = "whole";

    public IEnumerable<Measured> Run()
    {
        string output = Path.Combine(work, "whole");
        PlanWithNothingDropped();
        baker.Bake(baker.Cache, PlanName, output, kubernetes: "none"); // fetches what the image itself does not need
        string archive = Directory.CreateTempSubdirectory("images-bench-").FullName;
        try
        {
            string[] theirs = Theirs(archive);
            (double ratio, double bake, double debootstrap) = Timed.Pairs(1,
                () => baker.Bake(baker.ColdCache(), PlanName, output, kubernetes: "none"),
                () => Timed.Seconds(theirs));
            Judge.Run("rm", "-rf", output);
            return
            [
                Measured.Ratio("cold bake, downloads cached / `mmdebstrap --variant=essential` of the same packages + `mksquashfs -comp gzip`", ratio, 0.5,
                    $"{bake:0.0} s and {debootstrap:0.0} s, one pair; {baker.RootPackages(PlanName).Count()} packages on both sides: image.yaml with an empty `drop`, because maintainer scripts need what the image drops, and no Kubernetes (`--kubernetes none`); "
                    + "both start from the same .deb files on disk, theirs as a local `copy:` repository; ours prunes as image.yaml says and ends with the finished disk, theirs keeps documentation, runs the scripts, makes an initramfs, and ends with a SquashFS of the result, streamed as tar"),
            ];
        }
        finally
        {
            Judge.Run("rm", "-rf", archive);
        }
    }

    private void PlanWithNothingDropped()
    {
        string path = Path.Combine(baker.Plan, $"{PlanName}.yaml");
        string text = File.ReadAllText(Path.Combine(baker.Plan, "image.yaml"));
        File.WriteAllText(path, Regex.Replace(text, @"^drop:\n(?: .*\n|\n)+", "\n", RegexOptions.Multiline, TimeSpan.FromSeconds(5)));
        if (!ImagePlanReader.ReadFile(path).Drop.IsEmpty)
        {
            throw new InvalidOperationException($"{path} still drops packages; its list is not where the benchmark looks for it.");
        }

        string[] from = mirror is null ? [] : ["--mirror", mirror];
        Judge.Run("dotnet", [Images.Lab.Machines.BakedImage.Baker, "lock", "--plan", path, "--lock", Path.Combine(baker.Plan, $"{PlanName}.lock.json"), .. from]);
    }

    private string[] Theirs(string archive)
    {
        // mmdebstrap's other user must be able to read it
        foreach ((LockedPackage package, string file) in baker.RootPackages(PlanName))
        {
            File.Copy(file, Path.Combine(archive, package.FileName()));
        }

        Judge.Run("chmod", "-R", "a+rX", archive);
        Judge.Run("sh", "-c", $"cd '{archive}' && apt-ftparchive packages . > Packages");
        string names = string.Join(',', baker.RootPackages(PlanName).Select(each => each.Package.Name));
        string mode = Environment.IsPrivilegedProcess ? "root" : "unshare";
        string squashFs = Path.Combine(work, "theirs.squashfs");
        return
        [
            "bash", "-c",
            $"set -o pipefail; mmdebstrap --quiet --mode={mode} --variant=essential --include='{names}' '' - 'deb [trusted=yes] copy:{archive} ./' "
            + $"| mksquashfs - '{squashFs}' -tar -comp gzip -noappend -no-progress -quiet",
        ];
    }
}
