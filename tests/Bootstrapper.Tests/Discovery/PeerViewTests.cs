using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Tests.Discovery;

public sealed class PeerViewTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static PeerView Empty => new() { Name = "etcd.demo.k8s.", Good = PeerSet.Empty, GoodSince = _start };

    [Fact]
    public void A_failed_or_empty_answer_never_empties_a_list_that_was_good()
    {
        PeerView good = Empty.After(ResolverAnswer.Of(PeerSet.Parse(["10.0.0.2", "10.0.0.1"])), _start);
        PeerView failed = good.After(ResolverAnswer.Failed("the DNS server gave no answer"), _start.AddSeconds(1));
        PeerView empty = failed.After(ResolverAnswer.Of(PeerSet.Empty), _start.AddSeconds(2));

        empty.Good.Addresses.ShouldBe(["10.0.0.1", "10.0.0.2"]);
        empty.FailingSince.ShouldBe(_start.AddSeconds(1));
        empty.DescribeFailure("10.0.0.254").ShouldBe(
            "etcd.demo.k8s. gives no address since 03:04:06 (the answer holds no address; DNS server 10.0.0.254)");
    }

    [Fact]
    public void The_order_and_repetition_of_an_answer_mean_nothing()
    {
        PeerView first = Empty.After(ResolverAnswer.Of(PeerSet.Parse(["10.0.0.2", "10.0.0.1"])), _start);
        PeerView second = first.After(ResolverAnswer.Of(PeerSet.Parse(["10.0.0.1", "10.0.0.2", "10.0.0.1"])), _start.AddSeconds(5));

        second.GoodSince.ShouldBe(_start);
        second.IsStable(TimeSpan.FromSeconds(5), _start.AddSeconds(5)).ShouldBeTrue();
        second.Good.Digest.ShouldBe(first.Good.Digest);
    }

    [Fact]
    public void Another_set_starts_the_time_anew()
    {
        PeerView first = Empty.After(ResolverAnswer.Of(PeerSet.Parse(["10.0.0.1"])), _start);
        PeerView second = first.After(ResolverAnswer.Of(PeerSet.Parse(["10.0.0.1", "10.0.0.2"])), _start.AddSeconds(9));

        second.IsStable(TimeSpan.FromSeconds(1), _start.AddSeconds(9.5)).ShouldBeFalse();
    }
}
