using System.Net;
using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Tests.Discovery;

public sealed class ReachableResolverTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1, 10.0.0.2", null)]
    [InlineData("10.0.0.1", "0.0.0.0, 10.0.0.1, 127.0.1.1", "10.0.0.1", null)]
    [InlineData("10.0.0.1", "0.0.0.0", "no address", "the answer is 0.0.0.0, where no other machine can be")]
    [InlineData("10.0.0.1", "127.0.1.1", "no address", "the answer is 127.0.1.1, where no other machine can be")]
    [InlineData("127.0.0.1", "0.0.0.0, 127.0.0.2", "127.0.0.2", null)]
    public async Task Addresses_where_no_other_machine_can_be_are_no_peers(
        string own, string answered, string peers, string? failure)
    {
        ReachableResolver resolver = new(
            new Answers(ResolverAnswer.Of(PeerSet.Parse(answered.Split(", ")))), IPAddress.Parse(own));

        ResolverAnswer answer = await resolver.ResolveAsync("etcd.demo.k8s.", CancellationToken.None);

        answer.Addresses.ToString().ShouldBe(peers);
        answer.Failure.ShouldBe(failure);
    }

    [Fact]
    public async Task A_failure_keeps_its_words()
    {
        ReachableResolver resolver = new(new Answers(ResolverAnswer.Failed("the network is down")), IPAddress.Parse("10.0.0.1"));

        (await resolver.ResolveAsync("etcd.demo.k8s.", CancellationToken.None)).Failure.ShouldBe("the network is down");
    }

    private sealed class Answers(ResolverAnswer answer) : IPeerResolver
    {
        public Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken) => Task.FromResult(answer);
    }
}
