using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// What a running member's machine does for the cluster: has itself promoted while it is a learner, says where it is
/// when it moved, and, on the leader's machine, removes members that are gone for good.
/// </summary>
internal sealed class EtcdMembership(
    string address, EtcdAccess access, EtcdRecordStore store, Func<bool> hasData, PeerWatch watch,
    Narrator narrator, EtcdRhythm rhythm, TimeProvider time)
{
    /// <summary>A full member at its known address, of a cluster where all are well, is looked at less often.</summary>
    private const int LooksWhenSettled = 6;

    /// <summary>Then another peer is asked, too: one that is down must not keep the others from being asked.</summary>
    private static readonly TimeSpan _patienceWithPromotion = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ulong, DateTimeOffset> _unhealthySince = [];
    private readonly Dictionary<ulong, DateTimeOffset> _unnamedSince = [];
    private readonly Dictionary<ulong, DateTimeOffset> _unstartedSince = [];
    private bool _addressIsKnown;
    private bool _addressWasSaid;
    private bool _isSettled;
    private bool _mayBeLearner = true;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Pause(), time, cancellationToken);
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

    private TimeSpan Pause() => _isSettled ? rhythm.Look * LooksWhenSettled
        : _mayBeLearner ? rhythm.LookAsLearner
        : rhythm.Look;

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        _isSettled = false;
        EtcdRecord before = store.Load();
        bool hasLog = hasData();
        _mayBeLearner = before.Phase != EtcdPhase.Started; // who is not yet anything may join in the next moment
        if (!before.IsMember && !hasLog)
        {
            return; // no etcd runs here yet
        }

        if (hasLog && !before.HasRun)
        {
            store.Change(record => record.IsMember ? record with { HasRun = true } : record);
        }

        using EtcdGateway own = access.Connect(address);
        EtcdMemberStatus status = await own.StatusAsync(cancellationToken);
        if (store.Load() is { IsMember: true } record && record.MemberId != status.MemberId)
        {
            store.Change(known => known with { MemberId = status.MemberId });
        }

        _mayBeLearner = status.IsLearner;
        if (!status.IsLearner && store.Load().NeverVoted)
        {
            store.Change(known => known with { NeverVoted = false });
        }

        if (status.IsLearner)
        {
            await AskForPromotionAsync(status, cancellationToken);
            return;
        }

        if (!_addressIsKnown)
        {
            await TellAddressAsync(own, status, cancellationToken);
        }

        if (status.LeaderId == status.MemberId)
        {
            await RemoveOneThatIsGoneAsync(own, cancellationToken);
        }
        else
        {
            _unhealthySince.Clear(); // another machine leads and counts for itself
            _unnamedSince.Clear();
            _unstartedSince.Clear();
        }

        _isSettled = _addressIsKnown && _unhealthySince.Count == 0;
    }

    /// <summary>
    /// A learner lists no members, so they are taken from DNS. One after another is asked, for two requests that meet
    /// are an error in the journal of each member.
    /// </summary>
    private async Task AskForPromotionAsync(EtcdMemberStatus status, CancellationToken cancellationToken)
    {
        PeerView view = await watch.AskAsync(cancellationToken);
        foreach (string peer in view.Good.Addresses.Where(candidate => candidate != address))
        {
            Task<bool> asking = PromoteByAsync(peer, status.MemberId, cancellationToken);
            Task patience = Task.Delay(_patienceWithPromotion, time, cancellationToken);
            if (await Task.WhenAny(asking, patience) == asking && await asking)
            {
                return;
            }
        }
    }

    private async Task<bool> PromoteByAsync(string peer, ulong member, CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway gateway = access.Connect(peer);
            await gateway.PromoteAsync(member, cancellationToken);
            _mayBeLearner = false;
            narrator.Say($"{EtcdPaths.Unit}: promoted to a full member by {peer}");
            return true;
        }
        catch (Exception e) when (e is EtcdGatewayException or OperationCanceledException)
        {
            return false; // not in sync with the leader yet, or this peer is down: the next one, or the next time
        }
    }

    /// <summary>
    /// A member that came up with its data at another address while nobody could be told (see <see cref="EtcdStart"/>):
    /// it runs, and it tells the cluster itself, once DNS names the new address.
    /// </summary>
    private async Task TellAddressAsync(EtcdGateway own, EtcdMemberStatus status, CancellationToken cancellationToken)
    {
        EtcdMemberList list = await own.ListAsync(cancellationToken);
        EtcdMemberInfo? self = list.Members.FirstOrDefault(member => member.Id == status.MemberId);
        string peerUrl = EtcdPaths.PeerUrl(address);
        if (self is null || self.PeerUrls.Contains(peerUrl, StringComparer.Ordinal))
        {
            _addressIsKnown = self is not null;
            return;
        }

        PeerView view = await watch.AskAsync(cancellationToken);
        if (view.Failure is not null || !view.Good.Contains(address))
        {
            if (!_addressWasSaid)
            {
                narrator.Say(
                    $"{EtcdPaths.Unit}: the cluster knows this member at {self.Address}; "
                        + $"it is told of {address} once {view.Name} names that, which names {view.Good}");
                _addressWasSaid = true;
            }

            return;
        }

        await own.UpdateAsync(self.Id, peerUrl, cancellationToken);
        _addressIsKnown = true;
        narrator.Say($"{EtcdPaths.Unit}: told the cluster that this member moved from {self.Address} to {address}");
    }

    private async Task RemoveOneThatIsGoneAsync(EtcdGateway own, CancellationToken cancellationToken)
    {
        EtcdMemberList list = await own.ListAsync(cancellationToken);
        await NoteHealthAsync(list.Members, cancellationToken);
        EtcdRemovalRule.NoteUnstarted(_unstartedSince, list.Members, time.GetUtcNow());
        if (EtcdRemovalRule.ChooseUnstarted(
            list.Members, _unstartedSince, time.GetUtcNow(), rhythm.UnstartedFor) is EtcdMemberInfo waited)
        {
            await own.RemoveAsync(waited.Id, cancellationToken);
            narrator.Say(
                $"{EtcdPaths.Unit}: removed {waited}, which was added and did not start within "
                    + $"{rhythm.UnstartedFor.TotalMinutes:0.#} minutes: others can join now, and its machine "
                    + "asks again");
            return;
        }

        PeerView view = await watch.AskAsync(cancellationToken);
        PeerSet believed = view.Failure is null ? view.Good : PeerSet.Empty;
        EtcdRemovalRule.NoteNames(_unnamedSince, list.Members, believed, address, time.GetUtcNow());
        if (EtcdRemovalRule.Choose(
            list.Members, _unhealthySince, _unnamedSince, time.GetUtcNow(),
            rhythm.UnhealthyFor) is EtcdMemberInfo gone)
        {
            await own.RemoveAsync(gone.Id, cancellationToken);
            _unhealthySince.Remove(gone.Id);
            narrator.Say(
                $"{EtcdPaths.Unit}: removed {gone}, which DNS no longer names and which was unhealthy for "
                    + $"{rhythm.UnhealthyFor.TotalMinutes:0.#} minutes");
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
        catch (EtcdGatewayException)
        {
            return false;
        }
    }
}
