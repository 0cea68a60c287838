using System.Globalization;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Keeps a copy of the data folder before a newer etcd first opens it, while etcd is stopped: then db and log belong
/// together, which a copy of the db alone does not promise (https://etcd.io/docs/v3.5/op-guide/recovery/). The last two
/// copies are kept.
/// </summary>
internal sealed class EtcdCopies(
    NodeRoot root, EtcdRecordStore store, Func<long> freeBytes, Narrator narrator, TimeProvider time)
{
    public const int Kept = 2;

    /// <summary>What must stay free beside a copy, so that etcd itself can go on.</summary>
    public const long ReserveBytes = 256L << 20;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    /// <summary>What the state partition has left.</summary>
    public static long FreeBytes(NodeRoot root) => new DriveInfo(root[EtcdPaths.DataFolder]).AvailableFreeSpace;

    /// <summary>
    /// To be called with etcd stopped, before it starts; afterwards the record says that this version opened the data.
    /// </summary>
    public async Task KeepBeforeAsync(
        Version opening, Action<string, string> waiting, CancellationToken cancellationToken)
    {
        string? last = store.Load().DataVersion;
        if (last == opening.ToString())
        {
            return;
        }

        if (Directory.Exists(root[EtcdPaths.Log]))
        {
            if (last is not null && Version.Parse(last) > opening)
            {
                narrator.Say(
                    $"{EtcdPaths.Unit}: etcd {last} has opened these data and "
                        + $"this image has {opening}, which may refuse them");
            }
            else
            {
                await WaitForRoomAsync(opening, last, waiting, cancellationToken);
                string kept = Keep($"{last ?? "unknown"}-to-{opening}");
                narrator.Say(
                    $"{EtcdPaths.Unit}: kept a copy of the data ({last ?? "of an unknown etcd"}) "
                        + $"before etcd {opening} opens them: {kept}");
            }
        }

        store.Change(record => record with { DataVersion = opening.ToString() });
    }

    private async Task WaitForRoomAsync(
        Version opening, string? last, Action<string, string> waiting, CancellationToken cancellationToken)
    {
        long needed = Files(root[EtcdPaths.Member]).Sum(file => file.Length) + ReserveBytes;
        while (freeBytes() is long free && free < needed)
        {
            if (Copies() is [string oldest, _, ..])
            {
                Directory.Delete(oldest, recursive: true);
                continue;
            }

            waiting(
                $"{Mebibytes(needed)} MiB for a copy of the data of etcd {last ?? "(unknown version)"}, "
                    + $"before etcd {opening} opens them",
                $"{Mebibytes(free)} MiB are free; give the machine a larger disk, "
                    + $"or delete older copies in {EtcdPaths.Copies}");
            await Task.Delay(_pause, time, cancellationToken);
        }
    }

    /// <summary>Written under another name first, so that what a power cut leaves is no copy.</summary>
    private string Keep(string versions)
    {
        string name = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture) + "-" + versions;
        string folder = root[EtcdPaths.Copies];
        string partial = Path.Join(folder, name + AtomicFile.PartialSuffix);
        Directory.CreateDirectory(folder, Private);
        foreach (string left in Directory.GetDirectories(folder, "*" + AtomicFile.PartialSuffix)
            .Concat(Directory.GetDirectories(folder, "*-" + versions)))
        {
            Directory.Delete(left, recursive: true); // cut short, or made before a start that never came
        }

        string source = root[EtcdPaths.Member];
        foreach (FileInfo file in Files(source))
        {
            string target = Path.Join(partial, "member", Path.GetRelativePath(source, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!, Private);
            file.CopyTo(target);
            using FileStream copy = new(target, FileMode.Open, FileAccess.ReadWrite);
            copy.Flush(flushToDisk: true);
        }

        foreach (string inner in Directory.GetDirectories(partial, "*", SearchOption.AllDirectories).Append(partial))
        {
            LinuxFiles.SyncFolder(inner);
        }

        string whole = Path.Join(folder, name);
        Directory.Move(partial, whole);
        LinuxFiles.SyncFolder(folder);
        foreach (string old in Copies().Where(copy => copy != whole).SkipLast(Kept - 1))
        {
            Directory.Delete(old, recursive: true);
        }

        return $"{EtcdPaths.Copies}/{name}";
    }

    /// <summary>Oldest first, by the clock of their time.</summary>
    private string[] Copies() => Directory.Exists(root[EtcdPaths.Copies])
        ? [.. Directory.GetDirectories(root[EtcdPaths.Copies])
            .Where(copy => !copy.EndsWith(AtomicFile.PartialSuffix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>All but the segments that etcd allocates ahead, which hold nothing.</summary>
    private static IEnumerable<FileInfo> Files(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => file.Extension != ".tmp").OrderBy(file => file.FullName, StringComparer.Ordinal);

    private static long Mebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}
