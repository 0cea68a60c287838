using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Etcd;

/// <summary>Which member may be removed for good: DNS proposes, it never decides alone.</summary>
internal static class EtcdRemovalRule
{
    /// <summary>
    /// One member whose address DNS no longer names, that has been unhealthy for long enough, and without which the
    /// healthy voters still are a majority; null if there is none.
    /// </summary>
    /// <param name="members">All members.</param>
    /// <param name="unhealthySince">The unhealthy ones, by id.</param>
    /// <param name="peers">
    /// What DNS names now; an old good answer does not count, so the caller passes none after a failure.
    /// </param>
    /// <param name="ownAddress">DNS that does not even name this machine is not believed.</param>
    /// <param name="now">The time by which that long is over or not.</param>
    /// <param name="unhealthyFor">How long is long enough.</param>
    public static EtcdMemberInfo? Choose(
        IReadOnlyList<EtcdMemberInfo> members,
        IReadOnlyDictionary<ulong, DateTimeOffset> unhealthySince,
        PeerSet peers,
        string ownAddress,
        DateTimeOffset now,
        TimeSpan unhealthyFor)
    {
        if (!peers.Contains(ownAddress))
        {
            return null;
        }

        EtcdMemberInfo[] voters = [.. members.Where(member => !member.IsLearner)];
        int healthyVoters = voters.Count(member => !unhealthySince.ContainsKey(member.Id));
        return members
            .Where(member =>
                unhealthySince.TryGetValue(member.Id, out DateTimeOffset since) && now - since >= unhealthyFor)
            .Where(member => !peers.Contains(member.Address))
            .OrderBy(member => member.Id)
            .FirstOrDefault(member => healthyVoters > (voters.Length - (member.IsLearner ? 0 : 1)) / 2);
    }
}
