// One closed family, read together: the drill and what it proved.
#pragma warning disable MA0048
using System.Globalization;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Proves that a cluster can be restored from a file: its digest, a restore into a folder that is thrown away, and an
/// etcd that serves from there as many keys as the live member had at that revision.
/// </summary>
/// <param name="root">Of the machine.</param>
/// <param name="tool">That restores.</param>
/// <param name="etcd">That serves.</param>
/// <param name="access">To members.</param>
/// <param name="freeMemory">In bytes. Where there is too little for another etcd, none is started.</param>
internal sealed class EtcdSnapshotDrill(
    NodeRoot root, EtcdSnapshotTool tool, string etcd, EtcdAccess access, Func<long> freeMemory, TimeProvider time)
{
    /// <summary>What an etcd takes beside its database.</summary>
    private const long MemoryReserve = 96L << 20;

    /// <param name="file">The snapshot.</param>
    /// <param name="countLive">
    /// How many keys the live member has at a revision; null where that is not known any more, or never was.
    /// </param>
    /// <exception cref="EtcdSnapshotException">It is not proven, and why.</exception>
    public async Task<EtcdSnapshotProof> ProveAsync(
        string file, Func<long, CancellationToken, Task<long?>> countLive, CancellationToken cancellationToken)
    {
        using (FileStream stream = File.OpenRead(file))
        {
            if (EtcdSnapshotFile.Fault(stream) is string fault)
            {
                throw new EtcdSnapshotException(fault);
            }
        }

        EtcdSnapshotFacts facts = await tool.AskAsync(file, cancellationToken);
        long? live = await countLive(facts.Revision, cancellationToken);
        string scratch = root[EtcdPaths.Drill];
        Remove(scratch);
        try
        {
            return await RestoreAsync(file, scratch, facts, live, cancellationToken);
        }
        finally
        {
            Remove(scratch);
        }
    }

    private async Task<EtcdSnapshotProof> RestoreAsync(
        string file, string scratch, EtcdSnapshotFacts facts, long? live, CancellationToken cancellationToken)
    {
        int port = EtcdScratchMember.FreePort();
        await tool.RestoreAsync(
            file, scratch, EtcdScratchMember.Name, EtcdScratchMember.PeerUrl(port), EtcdScratchMember.Name,
            isForClients: false, cancellationToken);
        EtcdSnapshotFacts restored = await tool.AskAsync(Path.Join(scratch, "member/snap/db"), cancellationToken);
        if (restored.Revision != facts.Revision)
        {
            throw new EtcdSnapshotException(
                $"restored it ends at revision {restored.Revision} and not at {facts.Revision}");
        }

        if (freeMemory() < facts.Bytes * 2 + MemoryReserve)
        {
            return new EtcdSnapshotProof(facts.Revision, Keys: null);
        }

        using EtcdScratchMember member = EtcdScratchMember.Start(etcd, root, scratch, port);
        long keys = await member.CountAsync(access, facts.Revision, time, cancellationToken);
        return live is long wanted && wanted != keys
            ? throw new EtcdSnapshotException($"restored it has {keys} keys, and the member had {wanted}")
            : new EtcdSnapshotProof(facts.Revision, keys);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What the kernel could give to another program without taking it from one.</summary>
    public static long FreeMemory(NodeRoot root)
    {
        try
        {
            const string Name = "MemAvailable:";
            string? line = File.ReadLines(root["/proc/meminfo"])
                .FirstOrDefault(candidate => candidate.StartsWith(Name, StringComparison.Ordinal));
            return line is not null && long.TryParse(
                line[Name.Length..].Replace("kB", "", StringComparison.Ordinal),
                NumberStyles.Integer, CultureInfo.InvariantCulture, out long kibibytes)
                ? kibibytes << 10
                : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

/// <summary>What is proven of a snapshot.</summary>
/// <param name="Revision">At which it ends.</param>
/// <param name="Keys">How many an etcd served from it; null where there was no memory for one.</param>
internal sealed record EtcdSnapshotProof(long Revision, long? Keys)
{
    public override string ToString() => Keys is long keys
        ? $"revision {Revision}, {keys} keys; restored, and served by an etcd of its own"
        : $"revision {Revision}; restored, and not served, for that there is too little memory";
}
