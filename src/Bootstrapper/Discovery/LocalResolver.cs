namespace Images.Bootstrapper.Discovery;

/// <summary>Answers the names that the metadata has addresses for, and asks for the others.</summary>
internal sealed class LocalResolver(LocalNames names, IPeerResolver others) : IPeerResolver
{
    public Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken) =>
        names.Find(name) is { } addresses
            ? Task.FromResult(ResolverAnswer.Of(addresses))
            : others.ResolveAsync(name, cancellationToken);
}
