using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Takes a machine into an existing cluster: an old member at its address goes first (it would let the machine return
/// with an empty log), then the machine is added without a vote. etcd takes one such learner at a time; the next one is
/// refused and asks again.
/// </summary>
internal sealed class EtcdJoining(EtcdAccess access, string peerUrl)
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

    /// <summary>Asks the peers in DNS what they know of this machine's member.</summary>
    public async Task<EtcdStanding> StandingAsync(
        EtcdRecord record, PeerSet peers, string ownAddress, CancellationToken cancellationToken)
    {
        EtcdStanding standing = new EtcdStanding.Unknown();
        foreach (string address
            in peers.Addresses.Where(address => record.MemberId is not null && address != ownAddress))
        {
            try
            {
                using EtcdGateway gateway = access.Connect(address);
                EtcdMemberList list = await gateway.ListAsync(cancellationToken);
                if (list.Members.FirstOrDefault(member => member.Id == record.MemberId) is EtcdMemberInfo own)
                {
                    return own.PeerUrls.Contains(peerUrl, StringComparer.Ordinal)
                        ? new EtcdStanding.Listed()
                        : new EtcdStanding.Elsewhere(own.Address, address);
                }

                standing = new EtcdStanding.Removed();
            }
            catch (Exception e) when (e is EtcdGatewayException or IOException)
            {
                // down, as after a power cut of all machines: etcd itself will find out
            }
        }

        return standing;
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
