using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// What a running member's machine does for the cluster: has itself promoted while it is a learner, and, on the leader's machine,
/// removes members that are gone for good.
/// </summary>
internal sealed class EtcdMembership(
    string address, EtcdAccess access, EtcdRecordStore store, Func<bool> hasData, PeerWatch watch, Action<string> report, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<ulong, DateTimeOffset> _unhealthySince = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, time, cancellationToken);
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception e) when (e is EtcdGatewayException or IOException)
            {
                // etcd does not run (yet), or it has no quorum; the service's own health says so
            }
        }
    }

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (hasData() && !store.Load().HasRun)
        {
            store.Change(record => record.IsMember ? record with { HasRun = true } : record);
        }

        using EtcdGateway own = access.Connect(address);
        EtcdMemberStatus status = await own.StatusAsync(cancellationToken);
        if (store.Load() is { IsMember: true } record && record.MemberId != status.MemberId)
        {
            store.Change(before => before with { MemberId = status.MemberId });
        }

        if (status.IsLearner)
        {
            await AskForPromotionAsync(status, cancellationToken);
        }
        else if (status.LeaderId == status.MemberId)
        {
            await RemoveOneThatIsGoneAsync(own, cancellationToken);
        }
        else
        {
            _unhealthySince.Clear(); // another machine leads and counts for itself
        }
    }

    /// <summary>A learner answers no list, so the others are taken from the record and from DNS.</summary>
    private async Task AskForPromotionAsync(EtcdMemberStatus status, CancellationToken cancellationToken)
    {
        PeerView view = await watch.AskAsync(cancellationToken);
        foreach (string peer in view.Good.Addresses.Where(candidate => candidate != address))
        {
            try
            {
                using EtcdGateway gateway = access.Connect(peer);
                await gateway.PromoteAsync(status.MemberId, cancellationToken);
                report($"{EtcdPaths.Unit}: promoted to a full member by {peer}");
                return;
            }
            catch (EtcdGatewayException)
            {
                // not in sync with the leader yet, or this peer is down: the next one, or the next time
            }
        }
    }

    private async Task RemoveOneThatIsGoneAsync(EtcdGateway own, CancellationToken cancellationToken)
    {
        EtcdMemberList list = await own.ListAsync(cancellationToken);
        await NoteHealthAsync(list.Members, cancellationToken);
        PeerView view = await watch.AskAsync(cancellationToken);
        PeerSet believed = view.Failure is null ? view.Good : PeerSet.Empty;
        if (EtcdRemovalRule.Choose(list.Members, _unhealthySince, believed, address, time.GetUtcNow()) is EtcdMemberInfo gone)
        {
            await own.RemoveAsync(gone.Id, cancellationToken);
            _unhealthySince.Remove(gone.Id);
            report($"{EtcdPaths.Unit}: removed {gone}, which DNS no longer names and which was unhealthy for {EtcdRemovalRule.UnhealthyFor.TotalMinutes:F0} minutes");
        }
    }

    private async Task NoteHealthAsync(IReadOnlyList<EtcdMemberInfo> members, CancellationToken cancellationToken)
    {
        foreach (ulong id in _unhealthySince.Keys.Except(members.Select(member => member.Id)).ToArray())
        {
            _unhealthySince.Remove(id);
        }

        bool[] healthy = await Task.WhenAll(members.Select(member => IsHealthyAsync(member, cancellationToken)));
        for (int index = 0; index < members.Count; index++)
        {
            if (healthy[index])
            {
                _unhealthySince.Remove(members[index].Id);
            }
            else
            {
                _unhealthySince.TryAdd(members[index].Id, time.GetUtcNow());
            }
        }
    }

    private async Task<bool> IsHealthyAsync(EtcdMemberInfo member, CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway gateway = access.Connect(member.Address);
            EtcdMemberStatus status = await gateway.StatusAsync(cancellationToken);
            return status.MemberId == member.Id && status.LeaderId != 0;
        }
        catch (Exception e) when (e is EtcdGatewayException or UriFormatException)
        {
            return false;
        }
    }
}
