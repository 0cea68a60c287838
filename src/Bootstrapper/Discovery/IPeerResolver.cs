namespace Images.Bootstrapper.Discovery;

/// <summary>
/// Asks for the addresses of an absolute name, past caches where it can. Never throws for an answer,
/// only when cancelled.
/// </summary>
internal interface IPeerResolver
{
    Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken);
}
