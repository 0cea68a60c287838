using System.Runtime.CompilerServices;
using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// What the machine knows of its peers' names. Each is asked once for all who want to know at the same time, in this
/// process and in others (<see cref="KeptViews"/>), and its last good answer stays until there is another one.
/// </summary>
/// <param name="names">Of the cluster's roles.</param>
/// <param name="kept">Shared with the machine's other processes; null: with nobody.</param>
/// <param name="time">By which views say since when they stand.</param>
internal sealed class PeerDirectory(
    RoleNames names, IPeerResolver resolver, KeptViews? kept, PeerRhythm rhythm, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, KnownView> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<PeerView>> _asking = new(StringComparer.Ordinal);

    /// <summary>Whoever compares moments of a view with the present must take that from here.</summary>
    public TimeProvider Time => time;

    public static PeerDirectory For(NodeRoot root, NodeState state, TimeProvider time, PeerRhythm? rhythm = null) =>
        new(
            RoleNames.Of(state), PeerResolver.For(state, root), new KeptViews(root, time),
            rhythm ?? new PeerRhythm(), time);

    /// <summary>For files, in which one that left DNS stays for a while.</summary>
    public RecentPeers Recent() => new(rhythm.Kept, time);

    /// <summary>After that, such files may be other ones.</summary>
    public Task KeptAsync(CancellationToken cancellationToken) => Task.Delay(rhythm.Kept, time, cancellationToken);

    /// <summary>The first name of a role.</summary>
    public PeerWatch Of(string role) => new(names.Of(role), this);

    /// <summary>Every name of a role; none for one that the image lacks.</summary>
    public IReadOnlyList<PeerWatch> AllOf(string role) =>
        [.. names.AllOf(role).Select(name => new PeerWatch(name, this))];

    /// <summary>All machines of a role, by each of its names: those that DNS names, or named last.</summary>
    public async Task<PeerSet> MachinesOfAsync(string role, CancellationToken cancellationToken)
    {
        PeerView[] views = await Task.WhenAll(AllOf(role).Select(peer => peer.AskAsync(cancellationToken)));
        return PeerSet.Parse(views.SelectMany(view => view.Good.Addresses));
    }

    /// <summary>What is known without asking.</summary>
    public PeerView View(string name)
    {
        lock (_gate)
        {
            return Newest(name).View;
        }
    }

    /// <summary>
    /// What is known at this moment: asks, unless somebody has just heard, or waits with who is asking.
    /// </summary>
    public async Task<PeerView> AskAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<PeerView>? asking;
            lock (_gate)
            {
                KnownView known = Newest(name);
                if (IsOfThisRound(known))
                {
                    return known.View;
                }

                if (!_asking.TryGetValue(name, out asking) || asking.IsCompleted)
                {
                    _asking[name] = asking = LookUpAsync(name, cancellationToken);
                }
            }

            try
            {
                return await asking.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // who asked has left; then we ask
            }
        }
    }

    /// <summary>The view whenever its addresses are others than before, the first ones included.</summary>
    public async IAsyncEnumerable<PeerView> FollowAsync(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PeerSet last = PeerSet.Empty;
        while (true)
        {
            PeerView view = await AskAsync(name, cancellationToken);
            if (!view.Good.Equals(last))
            {
                last = view.Good;
                yield return view;
            }

            await Task.Delay(IsStill(view) ? rhythm.PauseWhenStill : rhythm.Pause, time, cancellationToken);
        }
    }

    private async Task<PeerView> LookUpAsync(string name, CancellationToken cancellationToken)
    {
        ResolverAnswer answer = await resolver.ResolveAsync(name, cancellationToken);
        lock (_gate)
        {
            KnownView known = new(Newest(name).View.After(answer, time.GetUtcNow()), time.GetTimestamp());
            _known[name] = known;
            kept?.Write(known);
            return known.View;
        }
    }

    /// <summary>To be called within the gate.</summary>
    private KnownView Newest(string name)
    {
        if (!_known.TryGetValue(name, out KnownView? own))
        {
            _known[name] = own = new KnownView(PeerView.Unknown(name, time.GetUtcNow()), HeardAt: null);
        }

        return kept?.Read(name) is { HeardAt: long heard } others && heard > (own.HeardAt ?? long.MinValue)
            ? others
            : own;
    }

    private bool IsOfThisRound(KnownView known) =>
        known.HeardAt is long heard
        && time.GetElapsedTime(heard) < (IsStill(known.View) ? rhythm.RoundWhenStill : rhythm.Round);

    private bool IsStill(PeerView view) =>
        view.Failure is null && view.IsStable(rhythm.Still, time.GetUtcNow());
}
