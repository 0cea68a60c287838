namespace Images.Bootstrapper.Discovery;

/// <summary>
/// Keeps the view of one name across look-ups. An empty or failed answer never empties a list that was good.
/// </summary>
internal sealed class PeerWatch(string name, IPeerResolver resolver, TimeProvider time)
{
    public PeerView View { get; private set; } = new()
    {
        Name = name,
        Good = PeerSet.Empty,
        GoodSince = time.GetUtcNow(),
        FailingSince = time.GetUtcNow(),
    };

    public async Task<PeerView> AskAsync(CancellationToken cancellationToken)
    {
        ResolverAnswer answer = await resolver.ResolveAsync(name, cancellationToken);
        View = Next(View, answer, time.GetUtcNow());
        return View;
    }

    /// <summary>The view after one more answer.</summary>
    public static PeerView Next(PeerView view, ResolverAnswer answer, DateTimeOffset now) => answer.Failure is null
        ? view with
        {
            Good = answer.Addresses,
            GoodSince = answer.Addresses.Equals(view.Good) ? view.GoodSince : now,
            LastSuccess = now,
            Failure = null,
            FailingSince = null,
        }
        : view with { Failure = answer.Failure, FailingSince = view.FailingSince ?? now };
}
