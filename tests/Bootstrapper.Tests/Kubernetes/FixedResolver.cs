using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>DNS in which every name has the same addresses, until the test sets others.</summary>
internal sealed class FixedResolver(params string[] addresses) : IPeerResolver
{
    private volatile string[] _addresses = addresses;
    private int _asked;

    /// <summary>How often, by whoever.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public void Set(params string[] addresses) => _addresses = addresses;

    public Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return Task.FromResult(ResolverAnswer.Of(PeerSet.Parse(_addresses)));
    }
}
