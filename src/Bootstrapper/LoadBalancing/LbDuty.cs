using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// Keeps the places of one haproxy with the machines that DNS names, over its runtime API: nothing is reloaded. A
/// machine that left DNS drains. What haproxy itself says is the truth, so that one that started anew, with what
/// "prepare" wrote, is filled at the next look.
/// </summary>
/// <param name="unit">Whose haproxy it is, for people.</param>
/// <param name="runtime">It.</param>
/// <param name="pools">Its backends; asked at each look.</param>
/// <param name="peers">The machines of a role, as DNS named them last.</param>
/// <param name="certificate">The path of the certificate that it shows, and its text now; null for none.</param>
/// <param name="reloads">Set where haproxy reads its files again, and forgets what it was told.</param>
/// <param name="narrator">Told of changes, and of machines for which there is no place.</param>
/// <param name="time">Of looks and of draining: a clock that nobody sets.</param>
internal sealed class LbDuty(
    string unit, HaproxyRuntime runtime, Func<IReadOnlyList<BackendPool>> pools,
    Func<string, CancellationToken, Task<PeerSet>> peers, Func<(string Path, string Pem)?> certificate,
    ReloadSignal reloads, Narrator narrator, TimeProvider time)
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(2);

    /// <summary>DNS is asked less often than haproxy, which may have started anew.</summary>
    private static readonly TimeSpan _lookAtPeers = TimeSpan.FromSeconds(5);

    /// <summary>As long as an API server keeps a watch open, after which its client connects anew.</summary>
    private static readonly TimeSpan _longestDrain = TimeSpan.FromMinutes(10);

    /// <summary>As long as somebody is missing, for others of the machine wait for an answer through it.</summary>
    private readonly GrowingPause _first = new(_lookAtPeers, time);

    private readonly Dictionary<string, long> _drainingSince = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PeerSet> _peers = new(StringComparer.Ordinal);
    private long? _askedPeers;
    private string? _shown;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                _shown = null; // whoever starts next reads its file, which may be older than what is to be shown
                // that it does not run the status of its unit says
            }

            await reloads.WaitAsync(IsComplete ? _look : _first.Next(), cancellationToken);
        }
    }

    /// <summary>Whether DNS has named somebody for each backend.</summary>
    private bool IsComplete => pools().All(pool => _peers.GetValueOrDefault(pool.Role, PeerSet.Empty).Count > 0);

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await AskPeersAsync(cancellationToken);
        IReadOnlyList<BackendSlot> all =
            BackendSlot.Read(await runtime.AskAsync("show servers state", cancellationToken));
        await ShowCertificateAsync(cancellationToken);
        Func<BackendSlot, bool> isDrained = await DrainedAsync(all, cancellationToken);
        List<string> commands = [];
        List<string> lines = [];
        List<string> full = [];
        foreach (BackendPool pool in pools())
        {
            IReadOnlyList<BackendSlot> slots =
                [.. all.Where(slot => slot.Backend == pool.Backend && IsPlace(slot.Name))];
            if (slots.Count == 0)
            {
                continue; // haproxy has not read of it yet
            }

            SlotPlan plan = BackendSlots.Plan(
                slots, _peers.GetValueOrDefault(pool.Role, PeerSet.Empty).Addresses, pool.Port, isDrained);
            commands.AddRange(plan.Commands);
            if (pool.IsSpare)
            {
                continue; // the same machines once more
            }

            lines.AddRange(plan.Added.Select(address => $"{unit}: {pool.Backend} has {address} now"));
            lines.AddRange(plan.Removed.Select(
                address => $"{unit}: {pool.Backend} gives {address}, which left DNS, no new connections"));
            full.AddRange(plan.NoRoom.Select(
                address => $"{unit}: {pool.Backend} has no place for {address}: DNS names more than {slots.Count}"));
        }

        if (commands.Count > 0)
        {
            string said = await runtime.TellAsync(commands, cancellationToken);
            lines.ForEach(narrator.Say);
            bool isRefused = said.Contains("No such", StringComparison.Ordinal)
                || said.Contains("Invalid", StringComparison.Ordinal);
            narrator.SayOnce($"{unit}: refusal", isRefused ? [$"{unit}: haproxy refuses a change: {said}"] : []);
        }

        narrator.SayOnce($"{unit}: room", full);
    }

    /// <summary>The templates call their places s0, s1, … and w1, w2, …; other servers are fixed.</summary>
    private static bool IsPlace(string name) =>
        name is ['s' or 'w', .. { Length: > 0 } number] && number.All(char.IsAsciiDigit);

    private async Task AskPeersAsync(CancellationToken cancellationToken)
    {
        if (_askedPeers is { } asked && IsComplete && time.GetElapsedTime(asked) < _lookAtPeers)
        {
            return;
        }

        _askedPeers = time.GetTimestamp();
        foreach (string role in pools().Select(pool => pool.Role).Distinct(StringComparer.Ordinal))
        {
            _peers[role] = await peers(role, cancellationToken);
        }
    }

    /// <summary>Renewed certificates come into use without a reload, which would leave a process behind.</summary>
    private async Task ShowCertificateAsync(CancellationToken cancellationToken)
    {
        if (certificate() is not { } shown || shown.Pem == _shown)
        {
            return;
        }

        string fault = await runtime.ReplaceCertificateAsync(shown.Path, shown.Pem, cancellationToken);
        _shown = shown.Pem;
        narrator.SayOnce(
            $"{unit}: certificate",
            fault.Length == 0 ? [] : [$"{unit}: haproxy does not take the certificate {shown.Path}: {fault}"]);
    }

    private async Task<Func<BackendSlot, bool>> DrainedAsync(
        IReadOnlyList<BackendSlot> slots, CancellationToken cancellationToken)
    {
        BackendSlot[] draining = [.. slots.Where(slot => slot.State == SlotState.Draining)];
        foreach (string gone in _drainingSince.Keys.Except(draining.Select(slot => slot.Place)).ToArray())
        {
            _drainingSince.Remove(gone);
        }

        foreach (BackendSlot slot in draining)
        {
            _drainingSince.TryAdd(slot.Place, time.GetTimestamp());
        }

        if (draining.Length == 0)
        {
            return _ => false;
        }

        IReadOnlyDictionary<string, int> sessions =
            HaproxySessions.Read(await runtime.AskAsync(HaproxySessions.Question, cancellationToken));
        return slot => sessions.GetValueOrDefault(slot.Place, 1) == 0
            || (_drainingSince.TryGetValue(slot.Place, out long since)
                && time.GetElapsedTime(since) >= _longestDrain);
    }
}
