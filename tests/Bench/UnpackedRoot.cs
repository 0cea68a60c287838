using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>The root of an image as a folder, unpacked by unsquashfs.</summary>
internal sealed class UnpackedRoot : IDisposable
{
    private static readonly (string Name, string[] Paths)[] _components =
    [
        ("Kubernetes", ["usr/bin/kube*"]),
        ("containerd, runc and CNI", ["usr/bin/containerd*", "usr/bin/ctr", "usr/sbin/runc", "usr/bin/runc", "usr/lib/cni", "usr/lib/bootstrapper/containers"]),
        ("etcd", ["usr/bin/etcd*"]),
        ("the kernel's modules", ["usr/lib/modules"]),
        ("the bootstrapper", ["usr/lib/bootstrapper/bootstrapper"]),
    ];

    private readonly string _work;

    public UnpackedRoot(string image, string work)
    {
        _work = work;
        Folder = Path.Combine(work, "root");
        string slot = SquashFs(image, work);
        SquashFsBytes = BytesUsed(slot);
        Judge.Run("rm", "-rf", Folder);
        Judge.Run("unsquashfs", "-q", "-n", "-d", Folder, slot);
        File.Delete(slot);
    }

    public string Folder { get; }

    /// <summary>bytes_used of its superblock: without padding and hash tree.</summary>
    public long SquashFsBytes { get; }

    /// <summary>What mksquashfs makes of the same tree.</summary>
    public Measured AgainstMksquashfs()
    {
        string theirs = Path.Combine(_work, "theirs.squashfs");
        Judge.Run("mksquashfs", Folder, theirs, "-comp", "gzip", "-noappend", "-no-progress", "-quiet", "-no-xattrs");
        long bytes = BytesUsed(theirs);
        File.Delete(theirs);
        return Measured.Ratio("size of the root SquashFS / `mksquashfs -comp gzip` of the same tree", SquashFsBytes / (double)bytes, 1.02,
            $"bytes used as the superblocks say: {SquashFsBytes} and {bytes}; the tree is ours, unpacked by unsquashfs", "0.000");
    }

    /// <summary>What each part takes, compressed as the root is.</summary>
    public Measured Components()
    {
        string small = Path.Combine(_work, "component.squashfs");
        List<string> parts = [];
        long rest = SquashFsBytes;
        foreach ((string name, string[] patterns) in _components)
        {
            string[] paths = [.. patterns.SelectMany(pattern => Directory.EnumerateFileSystemEntries(Path.Combine(Folder, Path.GetDirectoryName(pattern)!), Path.GetFileName(pattern)))];
            Judge.Run("mksquashfs", [.. paths, small, "-comp", "gzip", "-noappend", "-no-progress", "-quiet", "-no-xattrs"]);
            long bytes = BytesUsed(small);
            File.Delete(small);
            rest -= bytes;
            parts.Add($"{name} {bytes >> 20} MiB");
        }

        return new Measured("size of the root by component", $"{SquashFsBytes >> 20} MiB: {string.Join(", ", parts)}, Debian's rest {rest >> 20} MiB", "", null,
            "each component alone made a SquashFS by `mksquashfs -comp gzip`; the rest is what remains of ours");
    }

    /// <summary>What the root has lost since an earlier image.</summary>
    public Measured Against(string baseline)
    {
        string slot = SquashFs(baseline, _work);
        long before = BytesUsed(slot);
        File.Delete(slot);
        double less = (before - SquashFsBytes) / 1e6;
        return new Measured("size of the root SquashFS, less than the baseline's", string.Create(CultureInfo.InvariantCulture, $"{less:0.0} MB"), "≥ 8 MB", less >= 8,
            $"bytes used as the superblocks say: {SquashFsBytes} and {before}");
    }

    public void Dispose() => Judge.Run("rm", "-rf", Folder);

    /// <summary>The slot root-a of an image as a file.</summary>
    private static string SquashFs(string image, string work)
    {
        string slot = Path.Combine(work, "root.squashfs");
        using JsonDocument table = JsonDocument.Parse(Judge.Run("sfdisk", "--json", image));
        JsonElement root = table.RootElement.GetProperty("partitiontable").GetProperty("partitions").EnumerateArray()
            .Single(partition => partition.GetProperty("name").GetString() == "root-a");
        Judge.Run("dd", $"if={image}", $"of={slot}", "bs=512", $"skip={root.GetProperty("start").GetInt64()}", $"count={root.GetProperty("size").GetInt64()}", "conv=sparse", "status=none");
        return slot;
    }

    private static long BytesUsed(string squashFs)
    {
        byte[] superblock = new byte[96];
        using FileStream stream = File.OpenRead(squashFs);
        stream.ReadExactly(superblock);
        return BinaryPrimitives.ReadInt64LittleEndian(superblock.AsSpan(40));
    }
}
