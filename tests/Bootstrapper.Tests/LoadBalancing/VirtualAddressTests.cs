using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.Prepare;

namespace Images.Bootstrapper.Tests.LoadBalancing;

public sealed class VirtualAddressTests
{
    [Theory]
    [InlineData("10.0.0.9", 200)]
    [InlineData("10.0.0.21", 180)]
    [InlineData("10.0.0.100", 160)]
    public void Each_machine_has_a_priority_of_its_own_by_the_number_of_its_address(string own, int priority) =>
        LoadBalancingValues.PriorityOf(own, ["10.0.0.100", "10.0.0.9", "10.0.0.21"]).ShouldBe(priority);

    [Fact]
    public void A_machine_that_DNS_does_not_name_yet_has_one_too() =>
        LoadBalancingValues.PriorityOf("10.0.0.22", ["10.0.0.21"]).ShouldBe(180);

    [Fact]
    public void A_peer_that_leaves_DNS_for_less_than_a_minute_stays_one()
    {
        VirtualTime time = new();
        RecentPeers recent = new(TimeSpan.FromMinutes(1), time);
        PeerSet both = PeerSet.Parse(["10.0.0.21", "10.0.0.22"]), one = PeerSet.Parse(["10.0.0.21"]);

        recent.With(both).ShouldBe(both);
        time.Advance(TimeSpan.FromSeconds(59));
        recent.With(one).ShouldBe(both);
        time.Advance(TimeSpan.FromSeconds(2));
        recent.With(PeerSet.Empty).ShouldBe(both, "no answer takes nobody away");
        recent.With(one).ShouldBe(one);
    }

    [Fact]
    public void A_machine_s_word_is_read_as_it_was_said()
    {
        VipWord.Parse(new VipWord("10.0.0.20", IsHeld: true).ToString()).ShouldBe(new VipWord("10.0.0.20", IsHeld: true));
        VipWord.Parse(new VipWord("10.0.0.20", IsHeld: false).ToString()).ShouldBe(new VipWord("10.0.0.20", IsHeld: false));
        VipWord.Parse("10.0.0.20 perhaps").ShouldBeNull();
        VipWord.Parse("").ShouldBeNull();
    }
}
