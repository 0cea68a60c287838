using Images.Bootstrapper.Etcd;

namespace Images.Bootstrapper.Tests.Etcd;

public sealed class EtcdCareRuleTests
{
    private const long Quota = 1000L << 20;

    private static readonly EtcdAlarm[] _full = [new(2, EtcdAlarm.NoSpace)];

    [Fact]
    public void Where_all_is_well_nothing_is_done() =>
        Decide(1, [Member(1, 90, 80), Member(2, 400, 300), Member(3, 90, 1)], []).ShouldBeOfType<EtcdCareStep.Nothing>();

    [Fact]
    public void Members_with_much_that_is_free_write_their_databases_anew_one_after_another_and_the_leader_last()
    {
        EtcdMemberStatus?[] all = [Member(1, 400, 100), Member(2, 400, 100), Member(3, 400, 300)];

        Decide(1, all, []).ShouldBeOfType<EtcdCareStep.Nothing>("it leads");
        Decide(2, all, []).ShouldBeOfType<EtcdCareStep.Defragment>();
        Decide(3, all, []).ShouldBeOfType<EtcdCareStep.Nothing>();
        Decide(1, [Member(1, 400, 100), Member(2, 110, 100), Member(3, 400, 300)], []).ShouldBeOfType<EtcdCareStep.Defragment>();
    }

    [Fact]
    public void Nobody_answers_less_while_another_does_not_answer() =>
        Decide(2, [Member(1, 400, 300), Member(2, 400, 100), null], []).ShouldBeOfType<EtcdCareStep.Nothing>();

    [Fact]
    public void At_the_quota_the_leader_forgets_what_was_and_then_all_write_anew_and_then_it_takes_the_alarm_back()
    {
        EtcdMemberStatus?[] filled = [Member(1, 1000, 990), Member(2, 1000, 990), Member(3, 1000, 990)];
        Decide(1, filled, _full).ShouldBe(new EtcdCareStep.Compact(77));
        Decide(2, filled, _full).ShouldBeOfType<EtcdCareStep.Nothing>();

        EtcdMemberStatus?[] compacted = [Member(1, 1000, 10), Member(2, 1000, 10), Member(3, 12, 10)];
        Decide(2, compacted, _full).ShouldBeOfType<EtcdCareStep.Defragment>();
        Decide(1, compacted, _full, compactedAt: 77).ShouldBeOfType<EtcdCareStep.Nothing>();

        EtcdMemberStatus?[] small = [Member(1, 10, 10), Member(2, 10, 10), Member(3, 10, 10)];
        Decide(2, small, _full).ShouldBeOfType<EtcdCareStep.Nothing>();
        Decide(1, small, _full, compactedAt: 77).ShouldBeOfType<EtcdCareStep.Disarm>().Alarms.ShouldBe(_full);
    }

    [Fact]
    public void What_is_really_full_stays_so_and_is_said() =>
        Decide(1, [Member(1, 1000, 990), Member(2, 1000, 990)], _full, compactedAt: 77).ShouldBeOfType<EtcdCareStep.SayFull>();

    [Fact]
    public void Data_that_differ_are_for_a_person() =>
        Decide(1, [Member(1, 10, 10)], [new(1, EtcdAlarm.Corrupt)], compactedAt: 77).ShouldBeOfType<EtcdCareStep.Nothing>();

    /// <summary>Member 1 leads.</summary>
    private static EtcdCareStep Decide(ulong own, EtcdMemberStatus?[] all, EtcdAlarm[] alarms, long compactedAt = 0) =>
        EtcdCareRule.Decide(all.Single(member => member?.MemberId == own)!, all, alarms, Quota, compactedAt);

    private static EtcdMemberStatus Member(ulong id, long mebibytes, long inUse) => new()
    {
        MemberId = id,
        ClusterId = 1,
        LeaderId = 1,
        IsLearner = false,
        Revision = 77,
        DatabaseBytes = mebibytes << 20,
        DatabaseBytesInUse = inUse << 20,
    };
}
