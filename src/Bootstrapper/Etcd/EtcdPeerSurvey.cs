using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Looks at every peer now and then, for <c>bootstrapper status</c>: the addresses in DNS and those of the cluster's
/// members, and how each one is. Nothing is decided from it.
/// </summary>
internal sealed class EtcdPeerSurvey(
    string address, EtcdAccess access, RendezvousClient rendezvous, Func<PeerView> dns, Action<PeerNameStatus> show,
    TimeSpan interval, TimeProvider time)
{
    private readonly Dictionary<string, DateTimeOffset> _unhealthySince = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            show(await LookAsync(cancellationToken));
            await Task.Delay(interval, time, cancellationToken);
        }
    }

    public async Task<PeerNameStatus> LookAsync(CancellationToken cancellationToken)
    {
        PeerView view = dns();
        IReadOnlyList<EtcdMemberInfo> members = await MembersAsync(view.Good, cancellationToken);
        string[] addresses = [.. view.Good.Addresses.Concat(members.Select(member => member.Address))
            .Where(candidate => candidate.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        PeerStatusLine[] lines = await Task.WhenAll(addresses.Select(peer =>
            DescribeAsync(
                peer, members.FirstOrDefault(member => member.Address == peer),
                view.Good.Contains(peer), cancellationToken)));
        return new PeerNameStatus { Name = view.Name, Failure = view.Failure, Peers = [.. lines.Select(WithSince)] };
    }

    /// <summary>
    /// This machine's own etcd is asked first; one that does not run, or is a learner, lists nobody, and then
    /// all peers are asked at a time.
    /// </summary>
    private async Task<IReadOnlyList<EtcdMemberInfo>> MembersAsync(PeerSet peers, CancellationToken cancellationToken)
    {
        if (await ListAsync(address, cancellationToken) is { } own)
        {
            return own;
        }

        IReadOnlyList<EtcdMemberInfo>?[] lists = await Task.WhenAll(
            peers.Addresses.Where(peer => peer != address).Select(peer => ListAsync(peer, cancellationToken)));

        // when nobody lists members, each peer's own word at the rendezvous says how far it is
        return lists.FirstOrDefault(list => list is not null) ?? [];
    }

    private async Task<IReadOnlyList<EtcdMemberInfo>?> ListAsync(string peer, CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway gateway = access.Connect(peer);
            return (await gateway.ListAsync(cancellationToken)).Members;
        }
        catch (Exception e) when (e is EtcdGatewayException or IOException)
        {
            return null;
        }
    }

    private async Task<PeerStatusLine> DescribeAsync(
        string peer, EtcdMemberInfo? member, bool inDns, CancellationToken cancellationToken)
    {
        PeerStatusLine line =
            new() { Address = peer, State = PeerStatusLine.NoMember, IsThisMachine = peer == address, InDns = inDns };
        if (member is null)
        {
            return await DescribeByRendezvousAsync(line, cancellationToken);
        }

        line = line with { Member = member.Name, MemberId = $"{member.Id:x}", IsLearner = member.IsLearner };
        if (member.Name.Length == 0)
        {
            return line with
            {
                State = PeerStatusLine.Unhealthy,
                Detail = "added to the cluster, etcd has not started there yet",
            };
        }

        try
        {
            using EtcdGateway gateway = access.Connect(peer);
            EtcdMemberStatus status = await gateway.StatusAsync(cancellationToken);
            return status switch
            {
                _ when status.MemberId != member.Id => line with
                {
                    State = PeerStatusLine.Unhealthy,
                    Detail = $"member {status.MemberId:x} answers there",
                },
                { LeaderId: 0 } => line with { State = PeerStatusLine.Unhealthy, Detail = "it sees no leader" },
                _ => line with { State = PeerStatusLine.Healthy, IsLeader = status.LeaderId == status.MemberId },
            };
        }
        catch (Exception e) when (e is EtcdGatewayException or IOException)
        {
            return line with { State = PeerStatusLine.Unhealthy, Detail = FaultText.Of(e) };
        }
    }

    private async Task<PeerStatusLine> DescribeByRendezvousAsync(
        PeerStatusLine line, CancellationToken cancellationToken)
    {
        RendezvousAnswer answer = await rendezvous.AskAsync(line.Address, new RendezvousRequest(), cancellationToken);
        return answer.Reply?.Status is PeerStatus status
            ? line with { Member = status.Name, Detail = Words(status) }
            : line with { State = PeerStatusLine.Silent, Detail = answer.Failure ?? "" };
    }

    private static string Words(PeerStatus status) => status.Phase switch
    {
        EtcdPhase.Blank => "blank",
        EtcdPhase.Voted => $"has voted for the cluster of {status.Configuration}",
        EtcdPhase.Started => $"starts the cluster of {status.Configuration}",
        _ => "joins the cluster",
    };

    private PeerStatusLine WithSince(PeerStatusLine line)
    {
        if (line.State is not (PeerStatusLine.Unhealthy or PeerStatusLine.Silent))
        {
            _unhealthySince.Remove(line.Address);
            return line;
        }

        _unhealthySince.TryAdd(line.Address, time.GetUtcNow());
        return line with { Since = _unhealthySince[line.Address] };
    }
}
