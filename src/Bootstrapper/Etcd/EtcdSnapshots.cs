using Images.Bootstrapper.Files;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Keeps snapshots of the database on this machine's own disk, each proven by a drill before it counts. Every member
/// keeps its own, so that those of one are left where another's disk is not.
/// </summary>
/// <param name="root">Of the machine.</param>
/// <param name="address">The machine's own.</param>
/// <param name="access">To members.</param>
/// <param name="drill">That proves.</param>
/// <param name="settings">How often, how many.</param>
/// <param name="disk">Bytes free and of the whole state partition.</param>
/// <param name="narrator">Told what fails.</param>
internal sealed class EtcdSnapshots(
    NodeRoot root, string address, EtcdAccess access, EtcdSnapshotDrill drill, EtcdSnapshotSettings settings,
    Func<(long Free, long Whole)> disk, Narrator narrator, TimeProvider time)
{
    /// <summary>What a restored folder holds beside the database: etcd allocates its log ahead.</summary>
    private const long LogBytes = 128L << 20;

    private const long Mebibyte = 1L << 20;
    private const string Matter = "snapshots of etcd";

    private static readonly TimeSpan _look = TimeSpan.FromMinutes(1);

    /// <summary>After the agent's start, when the machine has other things to do, and after one that failed.</summary>
    private static readonly TimeSpan _later = TimeSpan.FromMinutes(10);

    /// <summary>Ends by cancellation alone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_later, time, cancellationToken);
        while (true)
        {
            TimeSpan pause = _look;
            if (settings.Keep > 0 && IsDue() && !await TryAsync(cancellationToken))
            {
                pause = _later;
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <summary>Keeps others from taking, proving or restoring one meanwhile.</summary>
    /// <exception cref="EtcdSnapshotException">Somebody does.</exception>
    public static FileLock Reserve(NodeRoot root)
    {
        try
        {
            return FileLock.Take(root[EtcdPaths.SnapshotLock]);
        }
        catch (IOException e)
        {
            throw new EtcdSnapshotException("another snapshot is being taken or proven on this machine", e);
        }
    }

    /// <summary>Takes one now, proves it and keeps it by the rule.</summary>
    /// <returns>Where it is, and what is proven.</returns>
    /// <exception cref="EtcdSnapshotException">There is none.</exception>
    public async Task<(string File, EtcdSnapshotProof Proof)> TakeAsync(CancellationToken cancellationToken)
    {
        using FileLock held = Reserve(root);
        string folder = root[EtcdPaths.Snapshots];
        Directory.CreateDirectory(folder, AtomicFile.OwnerOnly | UnixFileMode.UserExecute);
        foreach (string left in Directory.GetFiles(folder, "*" + AtomicFile.PartialSuffix))
        {
            File.Delete(left); // cut short
        }

        string partial = Path.Join(folder, "next" + AtomicFile.PartialSuffix);
        EtcdSnapshotProof proof = await WriteAsync(partial, cancellationToken);
        string file = Path.Join(folder, EtcdSnapshotRule.NameOf(time.GetUtcNow(), proof.Revision));
        File.Move(partial, file, overwrite: true);
        LinuxFiles.SyncFolder(folder);
        Prune();
        return (file, proof);
    }

    /// <summary>Takes one into a file of somebody's choice, and proves it.</summary>
    /// <exception cref="EtcdSnapshotException">There is none.</exception>
    public async Task<EtcdSnapshotProof> TakeToAsync(string file, CancellationToken cancellationToken)
    {
        using FileLock held = Reserve(root);
        string partial = file + AtomicFile.PartialSuffix;
        EtcdSnapshotProof proof = await WriteAsync(partial, cancellationToken);
        File.Move(partial, file, overwrite: true);
        LinuxFiles.SyncFolder(Path.GetDirectoryName(file)!);
        return proof;
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TakeAsync(cancellationToken);
            narrator.Settle(Matter);
            return true;
        }
        catch (Exception e) when (e is EtcdSnapshotException or EtcdGatewayException or IOException
            or UnauthorizedAccessException)
        {
            narrator.SayOnce(
                Matter,
                $"{EtcdPaths.Unit}: no snapshot could be taken, trying again in {_later.TotalMinutes:0} minutes: "
                    + FaultText.Of(e));
            return false;
        }
    }

    private async Task<EtcdSnapshotProof> WriteAsync(string partial, CancellationToken cancellationToken)
    {
        File.Delete(partial);
        try
        {
            using EtcdGateway own = access.Connect(address);
            EtcdMemberStatus status = await own.StatusAsync(cancellationToken);
            RequireRoom(status);
            await using (FileStream target = new(partial, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = AtomicFile.OwnerOnly,
            }))
            {
                await own.SnapshotAsync(target, cancellationToken);
                target.Flush(flushToDisk: true);
            }

            return await drill.ProveAsync(partial, CountLiveAsync, cancellationToken);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>For the snapshot, for the drill, and for etcd to go on meanwhile.</summary>
    private void RequireRoom(EtcdMemberStatus status)
    {
        if (status.IsLearner)
        {
            throw new EtcdSnapshotException(EtcdVote.Learner);
        }

        long needed = status.DatabaseBytes * 2 + LogBytes + EtcdCopies.ReserveBytes;
        if (disk().Free < needed)
        {
            PruneTo(1, long.MaxValue);
        }

        if (disk().Free is long free && free < needed)
        {
            throw new EtcdSnapshotException(
                $"it and its trial take {needed / Mebibyte} MiB, and {free / Mebibyte} MiB are free");
        }
    }

    /// <summary>Null where the revision was compacted meanwhile, or the member does not answer.</summary>
    private async Task<long?> CountLiveAsync(long revision, CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway own = access.Connect(address);
            return await own.CountAsync(revision, cancellationToken);
        }
        catch (EtcdGatewayException)
        {
            return null;
        }
    }

    private bool IsDue() =>
        EtcdSnapshotRule.IsDue(Kept().Select(item => item.Name), time.GetUtcNow(), settings.Every);

    private void Prune() => PruneTo(Math.Max(1, settings.Keep), settings.MaxBytes ?? disk().Whole / 10);

    private void PruneTo(int keep, long maxBytes)
    {
        foreach (string name in EtcdSnapshotRule.Surplus(Kept(), time.GetUtcNow(), keep, maxBytes))
        {
            File.Delete(Path.Join(root[EtcdPaths.Snapshots], name));
        }
    }

    /// <summary>Of those that are kept on a machine.</summary>
    public static IReadOnlyList<string> Names(NodeRoot root)
    {
        try
        {
            return Directory.Exists(root[EtcdPaths.Snapshots])
                ? [.. Directory.EnumerateFiles(root[EtcdPaths.Snapshots]).Select(file => Path.GetFileName(file))
                    .Where(name => EtcdSnapshotRule.TakenAt(name) is not null)]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // root's
        }
    }

    private IReadOnlyList<(string Name, long Bytes)> Kept() => Directory.Exists(root[EtcdPaths.Snapshots])
        ? [.. new DirectoryInfo(root[EtcdPaths.Snapshots]).EnumerateFiles()
            .Where(file => EtcdSnapshotRule.TakenAt(file.Name) is not null)
            .Select(file => (file.Name, file.Length))]
        : [];
}
