using Images.Bootstrapper.LoadBalancing;

namespace Images.Bootstrapper.Tests.LoadBalancing;

public sealed class VipRuleTests
{
    private static readonly VipStanding _holding = new() { IsAdmitted = true, MayHold = true };

    [Fact]
    public void A_new_machine_holds_nothing_before_the_others_can_know_it()
    {
        VipLook look = new() { Own = VipAnswer.Good, NamedFor = TimeSpan.FromSeconds(29) };

        VipRule.Next(VipStanding.New, look).MayHold.ShouldBeFalse();
        VipRule.Next(VipStanding.New, look with { NamedFor = VipRule.Known }).MayHold.ShouldBeTrue();
    }

    [Fact]
    public void Where_nobody_answers_at_the_address_nobody_is_waited_for()
    {
        VipLook look = new() { Own = VipAnswer.Good, NobodyFor = TimeSpan.FromSeconds(9) };

        VipRule.Next(VipStanding.New, look).MayHold.ShouldBeFalse();
        VipRule.Next(VipStanding.New, look with { NobodyFor = VipRule.Deserted }).MayHold.ShouldBeTrue();
    }

    [Fact]
    public void A_machine_that_is_not_ready_yet_may_not_hold_the_address() =>
        VipRule.Next(VipStanding.New, new VipLook { Own = VipAnswer.Bad, NobodyFor = TimeSpan.FromHours(1) }).ShouldBe(new VipStanding { IsAdmitted = true, Misses = 1 });

    [Fact]
    public void The_address_goes_at_once_where_nothing_listens_any_more_and_another_is_good() =>
        VipRule.Next(_holding, new VipLook { Own = VipAnswer.Gone, AnotherIsGood = true }).MayHold.ShouldBeFalse();

    [Fact]
    public void One_bad_answer_moves_nothing_and_two_do()
    {
        VipStanding once = VipRule.Next(_holding, new VipLook { Own = VipAnswer.Bad, AnotherIsGood = true });

        once.MayHold.ShouldBeTrue();
        VipRule.Next(once, new VipLook { Own = VipAnswer.Good }).ShouldBe(_holding);
        VipRule.Next(once, new VipLook { Own = VipAnswer.Bad, AnotherIsGood = true }).MayHold.ShouldBeFalse();
    }

    [Theory]
    [InlineData(VipAnswer.Bad)]
    [InlineData(VipAnswer.Gone)]
    public void Where_none_is_good_the_holder_keeps_it_for_as_long_as_that_lasts(object own)
    {
        VipStanding standing = _holding;
        for (int second = 0; second < 60; second++)
        {
            standing = VipRule.Next(standing, new VipLook { Own = (VipAnswer)own });
        }

        standing.MayHold.ShouldBeTrue();
        VipRule.Next(standing, new VipLook { Own = (VipAnswer)own, AnotherIsGood = true }).MayHold.ShouldBeFalse();
    }

    [Fact]
    public void One_that_let_it_go_may_hold_it_again_once_it_is_good() =>
        VipRule.Next(_holding with { MayHold = false, Misses = 2 }, new VipLook { Own = VipAnswer.Good }).ShouldBe(_holding);

    [Fact]
    public void Others_are_asked_only_by_one_that_has_something_to_let_go()
    {
        VipRule.AsksOthers(_holding, VipAnswer.Good).ShouldBeFalse();
        VipRule.AsksOthers(_holding, VipAnswer.Bad).ShouldBeTrue();
        VipRule.AsksOthers(VipStanding.New, VipAnswer.Gone).ShouldBeFalse();
    }
}
