// One closed family, read together: what a member's machine may do for its database.
#pragma warning disable MA0048
namespace Images.Bootstrapper.Etcd;

/// <summary>What to do next.</summary>
internal abstract record EtcdCareStep
{
    public sealed record Nothing : EtcdCareStep;

    /// <summary>Forget what was before this revision: no member takes a write, for want of space.</summary>
    public sealed record Compact(long Revision) : EtcdCareStep;

    /// <summary>Write this machine's database anew.</summary>
    public sealed record Defragment : EtcdCareStep;

    /// <summary>There is room again in all members.</summary>
    public sealed record Disarm(IReadOnlyList<EtcdAlarm> Alarms) : EtcdCareStep;

    /// <summary>All that can be given back was, and it is too little.</summary>
    public sealed record SayFull : EtcdCareStep;
}

/// <summary>
/// Keeps databases from filling up with pages that are free, and brings a cluster back whose quota is reached: compact,
/// then defragment one member after another, the leader last, then take the alarm back. Pure.
/// </summary>
internal static class EtcdCareRule
{
    /// <summary>Below it nothing is gained, and a member that answers nobody for a moment is a price.</summary>
    private const long WorthBytes = 100L << 20;

    /// <summary>A member that comes back from its quota only to reach it at once is none the better.</summary>
    private const double Room = 0.9;

    /// <param name="own">This machine's member.</param>
    /// <param name="all">All members' states, this one's included; null for who does not answer.</param>
    /// <param name="alarms">Those that stand.</param>
    /// <param name="quota">In bytes.</param>
    /// <param name="compactedAt">The revision up to which this machine had compacted; 0 where it never did.</param>
    public static EtcdCareStep Decide(
        EtcdMemberStatus own, IReadOnlyList<EtcdMemberStatus?> all, IReadOnlyList<EtcdAlarm> alarms, long quota,
        long compactedAt)
    {
        EtcdAlarm[] full = [.. alarms.Where(alarm => alarm.Kind == EtcdAlarm.NoSpace)];
        bool leads = own.LeaderId == own.MemberId;
        if (full.Length > 0 && leads && compactedAt < own.Revision)
        {
            return new EtcdCareStep.Compact(own.Revision);
        }

        EtcdMemberStatus[] known = [.. all.OfType<EtcdMemberStatus>()];
        EtcdMemberStatus? next = known.Where(member => IsWorthIt(member, full.Length > 0))
            .OrderBy(member => member.LeaderId == member.MemberId).ThenBy(member => member.MemberId).FirstOrDefault();
        if (next is not null)
        {
            // one that does not answer may be writing its own anew; without an alarm there is time to wait for it
            bool mayAnswerLess = full.Length > 0 || known.Length == all.Count;
            return next.MemberId == own.MemberId && mayAnswerLess
                ? new EtcdCareStep.Defragment()
                : new EtcdCareStep.Nothing();
        }

        return full.Length == 0 || !leads ? new EtcdCareStep.Nothing()
            : known.All(member => member.DatabaseBytes <= quota * Room) ? new EtcdCareStep.Disarm(full)
            : new EtcdCareStep.SayFull();
    }

    private static bool IsWorthIt(EtcdMemberStatus member, bool isFull)
    {
        long free = member.DatabaseBytes - member.DatabaseBytesInUse;
        return isFull
            ? free > member.DatabaseBytes / 10
            : member.DatabaseBytes > WorthBytes && free > member.DatabaseBytes / 2;
    }
}
