using System.Globalization;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Makes this machine the first member of a cluster that begins with a snapshot, while etcd and agent are stopped. What
/// the machine was before counts no more: it has another name, as one that lost its disk.
/// </summary>
/// <param name="root">Of the machine.</param>
/// <param name="state">Who it is.</param>
/// <param name="tool">That restores.</param>
internal sealed class EtcdRestore(NodeRoot root, NodeState state, EtcdSnapshotTool tool, TimeProvider time)
{
    private const string Account = "etcd:etcd";

    private readonly string _address = state.Identity.Address;

    /// <summary>
    /// Who of the cluster's other machines runs a member, or is about to: with one of those there would be two
    /// clusters. Asked are those that DNS names, and those that this machine was one cluster with.
    /// </summary>
    /// <exception cref="BootFailure">DNS does not say who they are.</exception>
    public async Task<IReadOnlyList<string>> FindOthersAsync(CancellationToken cancellationToken)
    {
        PeerView view = await PeerDirectory.For(root, state, new SteadyClock(time)).Of(EtcdAgent.Role)
            .AskAsync(cancellationToken);
        if (view.Failure is not null)
        {
            throw new BootFailure(
                "NODE0408", view.Name, $"DNS does not say who else could be a member ({view.Failure})",
                "let DNS name this machine, and those that are to join it, then restore");
        }

        string[] others =
        [
            .. view.Good.Addresses
                .Concat(new EtcdRecordStore(root).Load().Configuration?.Members.Select(member => member.Address) ?? [])
                .Where(address => address != _address)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        RendezvousClient rendezvous = EtcdNode.RendezvousOf(root, time);
        EtcdAccess access = EtcdNode.Access(root, time, RendezvousClient.Patience);
        bool[] run = await Task.WhenAll(others.Select(async address =>
            await IsMemberAsync(rendezvous, address, cancellationToken)
                || await ServesAsync(access, address, cancellationToken)));
        return [.. others.Zip(run).Where(pair => pair.Second).Select(pair => pair.First)];
    }

    /// <summary>To be called with etcd and agent stopped. The former data are moved aside.</summary>
    /// <param name="file">The snapshot.</param>
    /// <param name="version">Of the etcd that opens it.</param>
    /// <returns>Where the former data are; null where there were none.</returns>
    /// <exception cref="EtcdSnapshotException">It cannot be restored; nothing has changed.</exception>
    public async Task<string?> RunAsync(string file, Version version, CancellationToken cancellationToken)
    {
        using (FileStream stream = File.OpenRead(file))
        {
            if (EtcdSnapshotFile.Fault(stream) is string fault)
            {
                throw new EtcdSnapshotException(fault);
            }
        }

        EtcdMember self = new() { Address = _address, Name = EtcdRecordStore.NewName() };
        EtcdConfiguration alone = EtcdConfiguration.Of(state.Identity.Cluster, [self]);
        string fresh = root[EtcdPaths.Drill];
        if (Directory.Exists(fresh))
        {
            Directory.Delete(fresh, recursive: true);
        }

        await tool.RestoreAsync(
            file, fresh, self.Name, EtcdPaths.PeerUrl(_address), alone.Token, isForClients: true, cancellationToken);
        string? former = Replace(Path.Join(fresh, "member"));
        Directory.Delete(fresh, recursive: true);
        new EtcdRecordStore(root).Change(before => new EtcdRecord
        {
            Name = self.Name,
            FormerNames = before.IsMember ? [] : [.. before.FormerNames, before.Name],
            Phase = EtcdPhase.Started,
            Configuration = alone,
            HasRun = true,
            DataVersion = version.ToString(),
        });
        return former;
    }

    private static async Task<bool> IsMemberAsync(
        RendezvousClient rendezvous, string address, CancellationToken cancellationToken)
    {
        RendezvousAnswer answer = await rendezvous.AskAsync(address, new RendezvousRequest(), cancellationToken);
        return answer.Reply?.Status.Phase is EtcdPhase.Started or EtcdPhase.Joined or EtcdPhase.Voted;
    }

    /// <summary>An etcd goes on where the agent that answers for it has ended.</summary>
    private static async Task<bool> ServesAsync(
        EtcdAccess access, string address, CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway gateway = access.Connect(address);
            await gateway.StatusAsync(cancellationToken);
            return true;
        }
        catch (EtcdGatewayException)
        {
            return false;
        }
    }

    private string? Replace(string restored)
    {
        string member = root[EtcdPaths.Member];
        string? former = null;
        if (Directory.Exists(member))
        {
            former = EtcdPaths.BeforeRestore
                + time.GetUtcNow().ToString("'-'yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
            Directory.Move(member, root[former]);
        }

        if (root.IsMachine)
        {
            FileOwner owner = FileOwner.Parse(Account, root);
            foreach (string path in Directory.EnumerateFileSystemEntries(restored, "*", SearchOption.AllDirectories)
                .Append(restored))
            {
                owner.Own(path);
            }
        }

        Directory.CreateDirectory(root[EtcdPaths.DataFolder]);
        Directory.Move(restored, member);
        LinuxFiles.SyncFolder(root[EtcdPaths.DataFolder]);
        return former;
    }
}
