using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Etcd;

/// <summary>Which member may be removed for good: DNS proposes, it never decides alone.</summary>
internal static class EtcdRemovalRule
{
    /// <summary>
    /// One member whose address no answer of DNS has named for as long as it has been unhealthy for, both long enough,
    /// and without which the healthy voters still are a majority; null if there is none.
    /// </summary>
    /// <param name="members">All members.</param>
    /// <param name="unhealthySince">The unhealthy ones, by id.</param>
    /// <param name="unnamedSince">Those that DNS does not name, by id: see <see cref="NoteNames"/>.</param>
    /// <param name="now">The time by which that long is over or not.</param>
    /// <param name="unhealthyFor">How long is long enough.</param>
    public static EtcdMemberInfo? Choose(
        IReadOnlyList<EtcdMemberInfo> members,
        IReadOnlyDictionary<ulong, DateTimeOffset> unhealthySince,
        IReadOnlyDictionary<ulong, DateTimeOffset> unnamedSince,
        DateTimeOffset now,
        TimeSpan unhealthyFor)
    {
        EtcdMemberInfo[] voters = [.. members.Where(member => !member.IsLearner)];
        int healthyVoters = voters.Count(member => !unhealthySince.ContainsKey(member.Id));
        return members
            .Where(member => IsOver(unhealthySince, member.Id) && IsOver(unnamedSince, member.Id))
            .OrderBy(member => member.Id)
            .FirstOrDefault(member => healthyVoters > (voters.Length - (member.IsLearner ? 0 : 1)) / 2);

        bool IsOver(IReadOnlyDictionary<ulong, DateTimeOffset> times, ulong id) =>
            times.TryGetValue(id, out DateTimeOffset since) && now - since >= unhealthyFor;
    }

    /// <summary>
    /// Counts from when on no answer has named a member. One answer proves nothing: servers that check health drop who
    /// is down, and some give a few of many addresses by chance. After a failure, or an answer without even this
    /// machine, the count begins anew.
    /// </summary>
    /// <param name="unnamedSince">By the member's id; changed.</param>
    /// <param name="members">All members.</param>
    /// <param name="peers">What DNS names now; empty after a failure.</param>
    /// <param name="ownAddress">DNS that does not even name this machine is not believed.</param>
    /// <param name="now">When it answered.</param>
    public static void NoteNames(
        Dictionary<ulong, DateTimeOffset> unnamedSince, IReadOnlyList<EtcdMemberInfo> members, PeerSet peers,
        string ownAddress, DateTimeOffset now)
    {
        ulong[] unnamed = peers.Contains(ownAddress)
            ? [.. members.Where(member => !peers.Contains(member.Address)).Select(member => member.Id)]
            : [];
        foreach (ulong id in unnamedSince.Keys.Except(unnamed).ToArray())
        {
            unnamedSince.Remove(id);
        }

        foreach (ulong id in unnamed)
        {
            unnamedSince.TryAdd(id, now);
        }
    }

    /// <summary>
    /// A learner that has never started, for long enough, whatever DNS says: it has no vote and no data, its machine
    /// asks again when it is there, and etcd takes in nobody else as long as it is listed. Null if there is none.
    /// </summary>
    /// <param name="members">All members.</param>
    /// <param name="unstartedSince">See <see cref="NoteUnstarted"/>.</param>
    /// <param name="now">The time by which that long is over or not.</param>
    /// <param name="unstartedFor">How long is long enough.</param>
    public static EtcdMemberInfo? ChooseUnstarted(
        IReadOnlyList<EtcdMemberInfo> members, IReadOnlyDictionary<ulong, DateTimeOffset> unstartedSince,
        DateTimeOffset now, TimeSpan unstartedFor) =>
        members.OrderBy(member => member.Id).FirstOrDefault(member => IsUnstarted(member)
            && unstartedSince.TryGetValue(member.Id, out DateTimeOffset since) && now - since >= unstartedFor);

    /// <summary>Counts from when on a learner has been listed without having started.</summary>
    /// <param name="unstartedSince">By the member's id; changed.</param>
    /// <param name="members">All members.</param>
    /// <param name="now">When they were listed.</param>
    public static void NoteUnstarted(
        Dictionary<ulong, DateTimeOffset> unstartedSince, IReadOnlyList<EtcdMemberInfo> members, DateTimeOffset now)
    {
        ulong[] unstarted = [.. members.Where(IsUnstarted).Select(member => member.Id)];
        foreach (ulong id in unstartedSince.Keys.Except(unstarted).ToArray())
        {
            unstartedSince.Remove(id);
        }

        foreach (ulong id in unstarted)
        {
            unstartedSince.TryAdd(id, now);
        }
    }

    /// <summary>A member tells its name when it first starts.</summary>
    private static bool IsUnstarted(EtcdMemberInfo member) => member.IsLearner && member.Name.Length == 0;
}
