using System.Globalization;
using System.Text.Json;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>How long a bake takes and how large its root is, against the tools that do parts of it.</summary>
internal sealed class BakeBench(string repository, string work)
{
    private static readonly string _cache = Environment.GetEnvironmentVariable("IMAGES_CACHE")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "images");

    private readonly string _roles = Path.Combine(work, "plan");
    private int _change;

    public IEnumerable<Measured> Run()
    {
        CopyPlan();
        string output = Path.Combine(work, "out");
        (_, long peak) = Bake(_cache, output);
        string image = Directory.GetFiles(output, "*.raw").Single();

        (double ratio, double bake, double copy) = Timed.Pairs(5,
            () =>
            {
                ChangeARole();
                return Bake(_cache, output).Seconds;
            },
            () => Timed.Seconds(["cp", "--reflink=never", "--sparse=auto", image, Path.Combine(work, "copy.raw")]));
        File.Delete(Path.Combine(work, "copy.raw"));
        yield return new Measured("warm bake after a change to a role file / cp of the image", Ratio(ratio), "≤ 5", ratio <= 5,
            $"medians {bake:0.00} s and {copy:0.00} s of five pairs in turn; downloads and layers cached; `cp --reflink=never --sparse=auto`, page cache warm for both");

        string cold = Path.Combine(work, "cold-cache");
        string unpacked = Path.Combine(work, "unpacked");
        long coldPeak = 0;
        (ratio, bake, double shell) = Timed.Pairs(3,
            () =>
            {
                OnlyDownloads(cold);
                (double seconds, long kibibytes) = Bake(cold, output);
                coldPeak = Math.Max(coldPeak, kibibytes);
                return seconds;
            },
            () => UnpackAndCompress(unpacked));
        yield return new Measured("cold bake, downloads cached / dpkg-deb -x of the same packages + mksquashfs -comp gzip", Ratio(ratio), "≤ 0.7", ratio <= 0.7,
            $"medians {bake:0.0} s and {shell:0.0} s of three pairs in turn; both start from the same .deb files on disk; ours ends with the finished disk, theirs with a SquashFS of everything the packages hold, nothing pruned");

        yield return new Measured("peak resident memory of a bake, cold and warm", $"{Math.Max(peak, coldPeak) / 1024} MiB", "≤ 500 MiB", Math.Max(peak, coldPeak) <= 500 * 1024,
            "VmHWM of the baker's process, read every 50 ms");
        yield return SquashFsSize(image);
    }

    private static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private Measured SquashFsSize(string image)
    {
        using JsonDocument table = JsonDocument.Parse(Judge.Run("sfdisk", "--json", image));
        JsonElement root = table.RootElement.GetProperty("partitiontable").GetProperty("partitions").EnumerateArray()
            .Single(partition => partition.GetProperty("name").GetString() == "root-a");
        long offset = root.GetProperty("start").GetInt64() * 512;
        string slot = Path.Combine(work, "root.squashfs"), tree = Path.Combine(work, "root"), theirs = Path.Combine(work, "theirs.squashfs");
        Judge.Run("dd", $"if={image}", $"of={slot}", "bs=1M", $"skip={offset >> 20}", $"count={root.GetProperty("size").GetInt64() * 512 >> 20}", "conv=sparse", "status=none");
        using FileStream superblock = File.OpenRead(slot);
        byte[] head = new byte[96];
        superblock.ReadExactly(head);
        long ours = BitConverter.ToInt64(head, 40);
        Judge.Run("unsquashfs", "-q", "-n", "-d", tree, slot);
        Judge.Run("mksquashfs", tree, theirs, "-comp", "gzip", "-noappend", "-no-progress", "-quiet", "-no-xattrs");
        double ratio = ours / (double)new FileInfo(theirs).Length;
        Directory.Delete(tree, recursive: true);
        return new Measured("size of the root SquashFS / mksquashfs -comp gzip of the same tree", ratio.ToString("0.000", CultureInfo.InvariantCulture), "≤ 1.02", ratio <= 1.02,
            $"bytes used {ours} and {new FileInfo(theirs).Length}; the tree is ours, unpacked by unsquashfs");
    }

    private (double Seconds, long PeakKibibytes) Bake(string cache, string output) => Timed.Run(
        ["dotnet", BakedImage.Baker, "bake", Path.Combine(_roles, "image.yaml"), "--bootstrapper", Path.Combine(BakedImage.Artifacts, "bootstrapper", "bootstrapper"), "--out", output, "--cache", cache]);

    private double UnpackAndCompress(string unpacked)
    {
        if (Directory.Exists(unpacked))
        {
            Directory.Delete(unpacked, recursive: true);
        }

        string script = $"set -e; mkdir -p {unpacked}; for deb in $(cat {DebList()}); do dpkg-deb -x $deb {unpacked}; done; mksquashfs {unpacked} {unpacked}.squashfs -comp gzip -noappend -no-progress -quiet";
        return Timed.Seconds(["sh", "-c", script]);
    }

    private string DebList()
    {
        using JsonDocument pinned = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(repository, "image.lock.json")));
        string list = Path.Combine(work, "debs");
        File.WriteAllLines(list, pinned.RootElement.GetProperty("packages").EnumerateArray()
            .Where(package => package.GetProperty("uses").EnumerateArray().Any(use => use.GetString() == "root"))
            .Select(package => package.GetProperty("digest").GetString()!.Split(':')[1])
            .Select(hex => Path.Combine(_cache, "sha256", hex)));
        return list;
    }

    // the same downloads, hard-linked, and nothing else
    private static void OnlyDownloads(string cold)
    {
        if (Directory.Exists(cold))
        {
            Directory.Delete(cold, recursive: true);
        }

        Directory.CreateDirectory(cold);
        Judge.Run("cp", "-al", Path.Combine(_cache, "sha256"), Path.Combine(cold, "sha256"));
    }

    private void CopyPlan()
    {
        Directory.CreateDirectory(_roles);
        foreach (string part in new[] { "image.yaml", "image.lock.json", "keys", "roles" })
        {
            Judge.Run("cp", "-a", Path.Combine(repository, part), _roles);
        }
    }

    private void ChangeARole() =>
        File.AppendAllText(Path.Combine(_roles, "roles", "etcd", "templates", "etcd.env"), $"# change {++_change}\n");
}
