using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Takes a machine into an existing cluster: an old member at its address goes first (it would let the machine return
/// with an empty log), then the machine is added without a vote. etcd takes one such learner at a time; the next one is
/// refused and asks again.
/// </summary>
/// <param name="access">To members.</param>
/// <param name="peerUrl">Where others find this machine's member.</param>
/// <param name="patience">With all who are asked whether this machine still is a member.</param>
internal sealed class EtcdJoining(EtcdAccess access, string peerUrl, TimeSpan patience)
{
    /// <summary>The place in the cluster, or why there is none yet.</summary>
    public async Task<(EtcdJoin? Join, string Reason)> TryAsync(
        IReadOnlyList<string> through, EtcdRecord record, CancellationToken cancellationToken)
    {
        List<string> refusals = [];
        foreach (string address in through)
        {
            try
            {
                using EtcdGateway gateway = access.Connect(address);
                return (await JoinAsync(gateway, record, cancellationToken), "");
            }
            catch (Exception e) when (e is EtcdGatewayException or IOException)
            {
                refusals.Add($"{address}: {FaultText.Of(e)}");
            }
        }

        return (null, string.Join("; ", refusals));
    }

    /// <summary>
    /// Asks all peers in DNS at a time what they know of this machine's member. Only a cluster with a majority answers;
    /// where this machine is what it lacks, nobody does, and each second of asking is a second more without one.
    /// </summary>
    public async Task<EtcdStanding> StandingAsync(
        EtcdRecord record, PeerSet peers, string ownAddress, CancellationToken cancellationToken)
    {
        if (record.LastMemberId is not ulong own)
        {
            return new EtcdStanding.Unknown();
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        List<Task<EtcdStanding>> asked =
        [
            .. peers.Addresses.Where(address => address != ownAddress)
                .Select(address => StandingAtAsync(own, address, limit.Token)),
        ];
        while (asked.Count > 0)
        {
            Task<EtcdStanding> first = await Task.WhenAny(asked);
            asked.Remove(first);
            if (await first is { } standing and not EtcdStanding.Unknown)
            {
                await limit.CancelAsync();
                return standing;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return new EtcdStanding.Unknown(); // as after a power cut of all machines: etcd itself will find out
    }

    private async Task<EtcdStanding> StandingAtAsync(ulong own, string address, CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway gateway = access.Connect(address);
            EtcdMemberList list = await gateway.ListAsync(cancellationToken);
            return list.Members.FirstOrDefault(member => member.Id == own) switch
            {
                null => new EtcdStanding.Removed(),
                { } member when member.PeerUrls.Contains(peerUrl, StringComparer.Ordinal) => new EtcdStanding.Listed(),
                { } member => new EtcdStanding.Elsewhere(member.Address, address),
            };
        }
        catch (Exception e) when (e is EtcdGatewayException or IOException or OperationCanceledException)
        {
            return new EtcdStanding.Unknown();
        }
    }

    /// <summary>
    /// Tells the cluster that this machine's member is at another address now, as etcd wants it: first the update, then
    /// the start (https://etcd.io/docs/v3.5/op-guide/runtime-configuration/). Null when it did, else why not.
    /// </summary>
    public async Task<string?> MoveAsync(EtcdRecord record, string through, CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway gateway = access.Connect(through);
            await gateway.UpdateAsync(record.MemberId!.Value, peerUrl, cancellationToken);
            return null;
        }
        catch (Exception e) when (e is EtcdGatewayException or IOException)
        {
            return FaultText.Of(e);
        }
    }

    private async Task<EtcdJoin> JoinAsync(EtcdGateway gateway, EtcdRecord record, CancellationToken cancellationToken)
    {
        EtcdMemberList list = await gateway.ListAsync(cancellationToken);
        EtcdMemberInfo? own = list.Members.FirstOrDefault(
            member => member.PeerUrls.Contains(peerUrl, StringComparer.Ordinal));
        if (own is not null && own.Name.Length == 0 && record.Join?.MemberId == own.Id)
        {
            return Place(list, own.Id, record.Name);
        }

        if (own is not null)
        {
            await gateway.RemoveAsync(own.Id, cancellationToken);
        }

        EtcdMemberList added = await gateway.AddLearnerAsync(peerUrl, cancellationToken);
        return Place(added, added.AddedId, record.Name);
    }

    private static EtcdJoin Place(EtcdMemberList list, ulong ownId, string ownName)
    {
        string NameOf(EtcdMemberInfo member) =>
            member.Id == ownId ? ownName : member.Name.Length > 0 ? member.Name : $"unstarted-{member.Id:x}";
        return new EtcdJoin
        {
            MemberId = ownId,
            ClusterId = list.ClusterId,
            InitialCluster = string.Join(
                ',', list.Members.SelectMany(member => member.PeerUrls.Select(url => $"{NameOf(member)}={url}"))),
        };
    }
}
