using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>DNS in which every name has the same addresses.</summary>
internal sealed class FixedResolver(params string[] addresses) : IPeerResolver
{
    public Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken) => Task.FromResult(ResolverAnswer.Of(PeerSet.Parse(addresses)));
}
