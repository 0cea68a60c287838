using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Decides how etcd starts on this machine: pure, so that it can be proved by simulation. README.md has the argument
/// why two clusters cannot form.
/// </summary>
internal static class EtcdStartRule
{
    public static EtcdDecision Decide(EtcdObservation seen)
    {
        if (seen.HasData)
        {
            return new EtcdDecision.Resume();
        }

        return seen.Record switch
        {
            { IsMember: true, HasRun: true } => new EtcdDecision.Forget(),
            { Phase: EtcdPhase.Started, Configuration: EtcdConfiguration started } => Started(seen, started),
            { Phase: EtcdPhase.Joined } => Rejoin(seen),
            { Phase: EtcdPhase.Voted, Configuration: EtcdConfiguration voted } => Voted(seen, voted),
            _ => Blank(seen),
        };
    }

    /// <summary>
    /// Decided, but etcd never ran here. etcd refuses to begin at an address other than the one that the
    /// configuration has for it.
    /// </summary>
    private static EtcdDecision Started(EtcdObservation seen, EtcdConfiguration started) =>
        started.NameAt(seen.Address) == seen.Record.Name
            ? new EtcdDecision.StartNew(started)
            : new EtcdDecision.Wait(
                $"its address {started.Members.FirstOrDefault(member => member.Name == seen.Record.Name)?.Address} "
                    + $"back: under that one it is in the cluster of {started}, "
                    + "where etcd has never run on this machine. "
                    + "With another address 'bootstrapper reset --yes' lets it join as a new member");

    /// <summary>
    /// Added to a cluster, but etcd never ran here: go through the same door again, unless that cluster is gone.
    /// </summary>
    private static EtcdDecision Rejoin(EtcdObservation seen)
    {
        string[] members = MembersAmong(seen, seen.Peers.Addresses);
        if (members.Length > 0)
        {
            return new EtcdDecision.Join(members);
        }

        string[] silent = Silent(seen, seen.Peers.Addresses);
        return silent.Length == 0 && seen.Peers.Count > 0
            ? new EtcdDecision.Forget()
            : new EtcdDecision.Wait($"the cluster that took this machine in; no answer from {List(silent)}");
    }

    private static EtcdDecision Voted(EtcdObservation seen, EtcdConfiguration voted)
    {
        string[] others = [.. voted.Members.Select(member => member.Address).Where(address => address != seen.Address)];
        if (others.Any(address => HasStarted(seen, address, voted)))
        {
            return new EtcdDecision.StartNew(voted);
        }

        if (Doubt(seen, voted, others) is string doubt)
        {
            return Withdraw(seen, voted, others, doubt);
        }

        string[] missing = [.. others.Where(address => !HasVoted(seen, address, voted))];
        if (voted.Leader.Address != seen.Address)
        {
            return new EtcdDecision.Wait($"{voted.Leader.Address} to start the cluster of {voted}");
        }

        return missing.Length == 0
            ? new EtcdDecision.StartNew(voted)
            : new EtcdDecision.Wait($"{List(missing)} to vote for the cluster of {voted}");
    }

    /// <summary>Why the configuration voted for can no longer come about as things stand; null when it can.</summary>
    private static string? Doubt(EtcdObservation seen, EtcdConfiguration voted, string[] others)
    {
        if (voted.NameAt(seen.Address) != seen.Record.Name)
        {
            return "this machine's address has changed";
        }

        if (voted.Members.Count != seen.Size)
        {
            return "the size in the metadata has changed";
        }

        string? renamed = others.FirstOrDefault(
            address => seen.Answers.TryGetValue(address, out PeerStatus? peer) && peer.Name != voted.NameAt(address));
        if (renamed is not null)
        {
            return $"{renamed} has started anew";
        }

        if (MembersAmong(seen, seen.Peers.Addresses) is [string member, ..])
        {
            return $"{member} belongs to another cluster already";
        }

        bool usable = seen.PeersStable && seen.Peers.Count == seen.Size && seen.Peers.Contains(seen.Address);
        return usable
            && !seen.Peers.Addresses.SequenceEqual(
                voted.Members.Select(member => member.Address), StringComparer.Ordinal)
            ? $"DNS now names {seen.Peers}"
            : null;
    }

    /// <summary>
    /// Only the leader can be the first to start a configuration, so its word is enough. If the leader lost its memory,
    /// everyone else who might have followed it has to promise.
    /// </summary>
    private static EtcdDecision Withdraw(EtcdObservation seen, EtcdConfiguration voted, string[] others, string doubt)
    {
        string leader = voted.Leader.Address;
        if (leader == seen.Address)
        {
            return new EtcdDecision.DropVote(voted);
        }

        if (seen.VoidAnswers.Values.Contains(VoidAnswer.Started))
        {
            return new EtcdDecision.StartNew(voted);
        }

        if (!seen.VoidAnswers.TryGetValue(leader, out VoidAnswer word))
        {
            return new EtcdDecision.AskToVoid(
                voted, [leader], $"{leader} to give up the vote for {voted}, because {doubt}");
        }

        string[] unasked = word == VoidAnswer.Voided
            ? []
            : [.. others.Where(address => !seen.VoidAnswers.ContainsKey(address))];
        return unasked.Length == 0
            ? new EtcdDecision.DropVote(voted)
            : new EtcdDecision.AskToVoid(
                voted, unasked, $"{List(unasked)} to give up the vote for {voted}, because {doubt}");
    }

    private static EtcdDecision Blank(EtcdObservation seen)
    {
        PeerSet peers = seen.Peers;
        if (!peers.Contains(seen.Address))
        {
            return new EtcdDecision.Wait($"this machine's address {seen.Address} to stand in DNS, which names {peers}");
        }

        string[] members = MembersAmong(seen, peers.Addresses);
        if (members.Length > 0)
        {
            return new EtcdDecision.Join(members);
        }

        if (peers.Count != seen.Size)
        {
            return new EtcdDecision.Wait($"exactly {seen.Size} addresses in DNS, which names {peers.Count}: {peers}");
        }

        if (Disagreement(seen) is string disagreement)
        {
            return new EtcdDecision.Wait(disagreement);
        }

        EtcdConfiguration configuration = EtcdConfiguration.Of(
            seen.Cluster,
            peers.Addresses.Select(address => new EtcdMember
            {
                Address = address,
                Name = address == seen.Address ? seen.Record.Name : seen.Answers[address].Name,
            }));
        string? elsewhere = seen.Answers
            .Where(pair => peers.Contains(pair.Key)
                && pair.Value.Phase == EtcdPhase.Voted
                && pair.Value.Configuration?.Digest != configuration.Digest)
            .Select(pair => pair.Key).Order(StringComparer.Ordinal).FirstOrDefault();
        return elsewhere is null
            ? new EtcdDecision.Vote(configuration)
            : new EtcdDecision.Wait($"{elsewhere} to give up an older vote");
    }

    /// <summary>Why not every machine in DNS is blank (or voted) and sees the same; null when all do.</summary>
    private static string? Disagreement(EtcdObservation seen)
    {
        string[] silent = Silent(seen, seen.Peers.Addresses);
        if (silent.Length > 0)
        {
            return $"{List(silent)} to answer";
        }

        foreach (string address in seen.Peers.Addresses.Where(address => address != seen.Address))
        {
            PeerStatus peer = seen.Answers[address];
            if (peer.Cluster != seen.Cluster)
            {
                return $"{address} to be of cluster {seen.Cluster}; it says {peer.Cluster}";
            }

            if (peer.Size != seen.Size)
            {
                return $"one size: {address} says {peer.Size}, this machine's metadata says {seen.Size}";
            }

            if (!seen.Peers.Addresses.SequenceEqual(peer.Sees, StringComparer.Ordinal))
            {
                return $"{address} to see the same addresses; "
                    + $"it sees {(peer.Sees.Count == 0 ? "none" : List(peer.Sees))}";
            }
        }

        bool isAlone = seen.Size == 1; // it votes with nobody, so no vote can have to be given up again
        return seen.PeersStable || isAlone ? null : $"the addresses in DNS to stand still: {seen.Peers}";
    }

    private static string[] MembersAmong(EtcdObservation seen, IEnumerable<string> addresses) =>
        [.. addresses.Where(address => seen.Answers.TryGetValue(address, out PeerStatus? peer)
            && peer.Phase is (EtcdPhase.Started or EtcdPhase.Joined) && peer.Cluster == seen.Cluster)];

    private static string[] Silent(EtcdObservation seen, IEnumerable<string> addresses) =>
        [.. addresses.Where(address => address != seen.Address && !seen.Answers.ContainsKey(address))];

    private static bool HasStarted(EtcdObservation seen, string address, EtcdConfiguration configuration) =>
        seen.Answers.TryGetValue(address, out PeerStatus? peer)
        && peer.Phase == EtcdPhase.Started && peer.Configuration?.Digest == configuration.Digest;

    private static bool HasVoted(EtcdObservation seen, string address, EtcdConfiguration configuration) =>
        seen.Answers.TryGetValue(address, out PeerStatus? peer)
        && peer.Phase == EtcdPhase.Voted && peer.Configuration?.Digest == configuration.Digest;

    private static string List(IReadOnlyList<string> addresses) => string.Join(", ", addresses);
}
