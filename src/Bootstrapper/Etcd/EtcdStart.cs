using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Asks, decides and writes down, round after round, until etcd may start: the rule with its sockets and files.
/// </summary>
internal sealed class EtcdStart(
    EtcdStartSettings settings, EtcdRecordStore store, PeerWatch watch, RendezvousClient rendezvous,
    EtcdJoining joining, TimeProvider time)
{
    private readonly Dictionary<string, VoidAnswer> _voidAnswers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _failures = new(StringComparer.Ordinal);
    private string? _doubted;

    /// <param name="waiting">
    /// Told what is waited for and what was last seen, in every round that ends without a decision.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<(EtcdStartPlan Plan, string Story)> RunAsync(
        Action<string, string> waiting, CancellationToken cancellationToken)
    {
        GrowingPause pause = new(settings.LongestPause, time);
        while (true)
        {
            EtcdRecord record = store.Load();
            bool hasData = settings.HasData();
            PeerView view = hasData ? watch.View : await watch.AskAsync(cancellationToken);
            EtcdDecision decision = EtcdStartRule.Decide(await ObserveAsync(record, hasData, view, cancellationToken));
            (string? story, string wait) = await FollowAsync(record, decision, cancellationToken);
            if (story is not null)
            {
                return (EtcdStartPlan.Of(store.Load(), settings.Cluster, settings.Address, settings.PeerUrl), story);
            }

            if (wait.Length > 0)
            {
                view = watch.View; // asked meanwhile
                waiting(view.Good.Count == 0 ? "the cluster's addresses in DNS" : wait, LastSeen(view));
                await pause.WaitAsync(cancellationToken);
            }
            else
            {
                pause.Restart(); // what was written down moves the others on
            }
        }
    }

    private async Task<EtcdObservation> ObserveAsync(
        EtcdRecord record, bool hasData, PeerView view, CancellationToken cancellationToken)
    {
        if (record.Configuration?.Digest != _doubted)
        {
            _doubted = record.Configuration?.Digest;
            _voidAnswers.Clear();
        }

        string[] asked = hasData ? [] : [.. view.Good.Addresses
            .Concat(record.Configuration?.Members.Select(member => member.Address) ?? [])
            .Where(address => address != settings.Address).Distinct(StringComparer.Ordinal)];
        return new EtcdObservation
        {
            Cluster = settings.Cluster,
            Size = settings.Size,
            Address = settings.Address,
            Record = record,
            HasData = hasData,
            Peers = view.Good,
            PeersStable = view.IsStable(settings.StableAfter, time.GetUtcNow()),
            Answers = await AskAllAsync(asked, cancellationToken),
            VoidAnswers = _voidAnswers,
        };
    }

    private async Task<Dictionary<string, PeerStatus>> AskAllAsync(
        string[] addresses, CancellationToken cancellationToken)
    {
        RendezvousAnswer[] answers = await Task.WhenAll(
            addresses.Select(address => rendezvous.AskAsync(address, new RendezvousRequest(), cancellationToken)));
        Dictionary<string, PeerStatus> statuses = new(StringComparer.Ordinal);
        _failures.Clear();
        for (int index = 0; index < addresses.Length; index++)
        {
            if (answers[index].Reply is RendezvousReply reply)
            {
                statuses[addresses[index]] = reply.Status;
            }
            else
            {
                _failures[addresses[index]] = answers[index].Failure ?? "";
            }
        }

        return statuses;
    }

    /// <summary>
    /// Does what was decided. A story ends the waiting, a wait goes on with it, neither asks again at once.
    /// </summary>
    private async Task<(string? Story, string Wait)> FollowAsync(
        EtcdRecord record, EtcdDecision decision, CancellationToken cancellationToken)
    {
        switch (decision)
        {
            case EtcdDecision.Wait wait:
                return (null, wait.Reason);
            case EtcdDecision.AskToVoid ask:
                await AskToVoidAsync(ask, cancellationToken);
                return (null, ask.Reason);
            case EtcdDecision.Join join:
                return await JoinAsync(record, join, cancellationToken);
            case EtcdDecision.Resume:
                return await ResumeAsync(record, cancellationToken);
            case EtcdDecision.StartNew start:
                return Write(record, before => EtcdTransition.Apply(before, start, EtcdRecordStore.NewName))
                    ? ($"starts the new cluster of {start.Configuration}", "")
                    : (null, "");
            default:
                Write(record, before => EtcdTransition.Apply(before, decision, EtcdRecordStore.NewName));
                return (null, "");
        }
    }

    private async Task<(string? Story, string Wait)> ResumeAsync(EtcdRecord record, CancellationToken cancellationToken)
    {
        PeerView view = await watch.AskAsync(cancellationToken);
        string story = "starts with its data";
        switch (await joining.StandingAsync(record, view.Good, settings.Address, cancellationToken))
        {
            case EtcdStanding.Removed when record is { NeverVoted: true, Phase: EtcdPhase.Joined }:
                settings.DropData(); // first: without its place, data would be taken for a member's
                Write(record, _ => EtcdRecord.Blank(EtcdRecordStore.NewName()));
                return (null, "");
            case EtcdStanding.Removed:
                return (
                    null,
                    "nothing: the cluster has removed this member for good. Its data are kept; "
                        + "'bootstrapper reset --yes' lets it join anew");
            case EtcdStanding.Elsewhere elsewhere when !view.Good.Contains(settings.Address):
                return (
                    null,
                    $"this machine's new address {settings.Address} to stand in DNS; "
                        + $"the cluster knows this member at {elsewhere.KnownAt}");
            case EtcdStanding.Elsewhere elsewhere:
                if (await joining.MoveAsync(record, elsewhere.Through, cancellationToken) is string refusal)
                {
                    return (
                        null, $"{elsewhere.Through} to take this member's new address {settings.Address}: {refusal}");
                }

                story =
                    $"starts with its data at {settings.Address}; the cluster knew this member at {elsewhere.KnownAt}";
                break;
            default:
                break;
        }

        Write(record, before => before with { HasRun = true });
        return (story, "");
    }

    private async Task AskToVoidAsync(EtcdDecision.AskToVoid ask, CancellationToken cancellationToken)
    {
        RendezvousRequest request = new() { Void = ask.Configuration };
        RendezvousAnswer[] answers = await Task.WhenAll(
            ask.Addresses.Select(address => rendezvous.AskAsync(address, request, cancellationToken)));
        for (int index = 0; index < answers.Length; index++)
        {
            if (answers[index].Reply?.Word is VoidAnswer word)
            {
                _voidAnswers[ask.Addresses[index]] = word;
            }
        }
    }

    private async Task<(string? Story, string Wait)> JoinAsync(
        EtcdRecord record, EtcdDecision.Join join, CancellationToken cancellationToken)
    {
        (EtcdJoin? place, string reason) = await joining.TryAsync(join.Through, record, cancellationToken);
        return place is not null && Write(record, before => before.JoinAs(place))
            ? ($"joins the cluster of {string.Join(", ", join.Through)} as a learner", "")
            : (null, $"the cluster of {string.Join(", ", join.Through)} to take this machine in: {reason}");
    }

    /// <summary>
    /// Only if the record is still the one that was decided upon: the agent may have given its word meanwhile.
    /// </summary>
    private bool Write(EtcdRecord decidedUpon, Func<EtcdRecord, EtcdRecord> change)
    {
        bool same = false;
        store.Change(before =>
        {
            same = before.Name == decidedUpon.Name
                && before.Phase == decidedUpon.Phase
                && before.Configuration?.Digest == decidedUpon.Configuration?.Digest;
            return same ? change(before) : before;
        });
        return same;
    }

    private string LastSeen(PeerView view)
    {
        string peers = view.Failure is null
            ? $"{view.Name} names {view.Good}"
            : view.DescribeFailure(NameServers.Describe(settings.NameServerList));
        string failures = string.Join(
            "; ",
            _failures.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"));
        return failures.Length == 0 ? peers : $"{peers}; {failures}";
    }
}
