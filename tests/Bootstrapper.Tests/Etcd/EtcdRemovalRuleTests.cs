using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;

namespace Images.Bootstrapper.Tests.Etcd;

public sealed class EtcdRemovalRuleTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 1, 0, 0, TimeSpan.Zero);
    private static readonly EtcdMemberInfo[] _three = [Member(1), Member(2), Member(3)];

    [Fact]
    public void A_member_goes_when_DNS_forgot_it_and_it_was_unhealthy_for_five_minutes() =>
        Choose(_three, [(3, 6)], "10.0.0.1", "10.0.0.2")?.Id.ShouldBe(3UL);

    [Fact]
    public void A_member_that_DNS_names_stays() => Choose(_three, [(3, 60)], "10.0.0.1", "10.0.0.2", "10.0.0.3").ShouldBeNull();

    [Fact]
    public void A_member_stays_for_five_minutes() => Choose(_three, [(3, 4)], "10.0.0.1", "10.0.0.2").ShouldBeNull();

    [Fact]
    public void A_healthy_member_stays() => Choose(_three, [], "10.0.0.1").ShouldBeNull();

    [Fact]
    public void Nobody_goes_when_quorum_would_not_survive()
    {
        Choose(_three, [(2, 6), (3, 6)], "10.0.0.1").ShouldBeNull();
        Choose([Member(1), Member(2)], [(2, 6)], "10.0.0.1")?.Id.ShouldBe(2UL);
    }

    [Fact]
    public void A_learner_that_never_came_goes_too() =>
        Choose([Member(1), Member(2), Member(3) with { IsLearner = true }], [(3, 6)], "10.0.0.1", "10.0.0.2")?.Id.ShouldBe(3UL);

    [Fact]
    public void DNS_that_does_not_name_this_machine_is_not_believed() => Choose(_three, [(3, 6)], "10.0.0.2").ShouldBeNull();

    [Theory]
    [InlineData("1, 2; 1, 2", 3)] // every answer lacked the third
    [InlineData("1, 2, 3; 1, 2", 0)] // only the last one did
    [InlineData("1, 2; 1, 2, 3; 1, 2", 0)] // by chance, or for a moment
    [InlineData("1, 2; ; 1, 2", 0)] // a failed look-up says nothing of names
    [InlineData("1, 2; 2, 3; 1, 2", 0)] // nor does an answer without this machine
    public void One_answer_without_a_member_never_removes_it(string answers, int gone)
    {
        Dictionary<ulong, DateTimeOffset> unnamed = [];
        DateTimeOffset at = _now - TimeSpan.FromMinutes(6);
        string[] each = answers.Split(';');
        foreach ((int index, string answer) in each.Index())
        {
            IEnumerable<string> peers = answer.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(number => $"10.0.0.{number}");
            EtcdRemovalRule.NoteNames(
                unnamed, _three, PeerSet.Parse(peers), "10.0.0.1", index == each.Length - 1 ? _now : at + TimeSpan.FromMinutes(index));
        }

        ulong chosen = EtcdRemovalRule.Choose(_three, Since([(3, 60)]), unnamed, _now, new EtcdRhythm().UnhealthyFor)?.Id ?? 0;
        chosen.ShouldBe((ulong)gone);
    }

    [Theory]
    [InlineData(1.9, 0)]
    [InlineData(2, 3)]
    public void A_learner_that_never_started_goes_after_two_minutes_whatever_DNS_says(double minutes, int gone)
    {
        EtcdMemberInfo[] members = [Member(1), Member(2), Member(3) with { IsLearner = true, Name = "" }];

        ChooseUnstarted(members, members, minutes).ShouldBe((ulong)gone);
    }

    [Fact]
    public void A_learner_that_started_stays_however_long_it_takes_to_catch_up()
    {
        EtcdMemberInfo[] members = [Member(1), Member(2), Member(3) with { IsLearner = true }];

        ChooseUnstarted(members, members, 60).ShouldBe(0UL);
        ChooseUnstarted([Member(1), Member(2), Member(3) with { IsLearner = true, Name = "" }], members, 60).ShouldBe(0UL, "it started meanwhile");
    }

    /// <param name="before">How the members were for so long.</param>
    /// <param name="now">How they are.</param>
    private static ulong ChooseUnstarted(EtcdMemberInfo[] before, EtcdMemberInfo[] now, double minutes)
    {
        Dictionary<ulong, DateTimeOffset> unstarted = [];
        EtcdRemovalRule.NoteUnstarted(unstarted, before, _now - TimeSpan.FromMinutes(minutes));
        EtcdRemovalRule.NoteUnstarted(unstarted, now, _now);
        return EtcdRemovalRule.ChooseUnstarted(now, unstarted, _now, new EtcdRhythm().UnstartedFor)?.Id ?? 0;
    }

    private static EtcdMemberInfo? Choose(EtcdMemberInfo[] members, (ulong Id, int Minutes)[] unhealthy, params string[] dns)
    {
        Dictionary<ulong, DateTimeOffset> unnamed = [];
        EtcdRemovalRule.NoteNames(unnamed, members, PeerSet.Parse(dns), "10.0.0.1", _now - TimeSpan.FromHours(1));
        return EtcdRemovalRule.Choose(members, Since(unhealthy), unnamed, _now, new EtcdRhythm().UnhealthyFor);
    }

    private static Dictionary<ulong, DateTimeOffset> Since((ulong Id, int Minutes)[] unhealthy) =>
        unhealthy.ToDictionary(pair => pair.Id, pair => _now - TimeSpan.FromMinutes(pair.Minutes));

    private static EtcdMemberInfo Member(ulong id) => new() { Id = id, Name = $"m{id}", PeerUrls = [$"https://10.0.0.{id}:2380"], IsLearner = false };
}
