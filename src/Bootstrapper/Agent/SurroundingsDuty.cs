using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Agent;

/// <summary>
/// Keeps in the status how what the machine needs is, and says once on the console what is missing and when it is back.
/// </summary>
/// <param name="look">Looks at all of it.</param>
/// <param name="status">Where it is shown.</param>
internal sealed class SurroundingsDuty(
    Func<CancellationToken, Task<IReadOnlyList<Surrounding>>> look, StatusBoard status, Narrator narrator,
    TimeProvider time)
{
    /// <summary>One missed answer is no news.</summary>
    private const int MissesUntilSaid = 2;

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pauseAfterMiss = TimeSpan.FromSeconds(5);

    /// <summary>What has never been well may come yet, as all does while a cluster starts.</summary>
    private static readonly TimeSpan _patienceAtFirst = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, int> _misses = new(StringComparer.Ordinal);
    private readonly HashSet<string> _wasWell = new(StringComparer.Ordinal);
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private readonly long _began = time.GetTimestamp();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            bool isNew = await LookAsync(cancellationToken);
            await Task.Delay(isNew ? _pauseAfterMiss : _pause, time, cancellationToken);
        }
    }

    /// <summary>Whether something is missed that was not said yet, so that it is worth another look soon.</summary>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Surrounding> seen = await look(cancellationToken);
        status.Change(document => document with { Surroundings = seen });
        bool isNew = false;
        foreach (Surrounding each in seen)
        {
            string key = KeyOf(each);
            if (each.IsWell)
            {
                SeeWell(each, key);
            }
            else if (!_missing.Contains(key))
            {
                isNew |= _wasWell.Contains(key);
                Miss(each, key);
            }
        }

        string[] gone = [.. _missing.Except(seen.Select(KeyOf), StringComparer.Ordinal)];
        _missing.ExceptWith(gone);
        return isNew;
    }

    /// <summary>DNS has a name a line.</summary>
    private static string KeyOf(Surrounding each) =>
        each.Name == "DNS" ? $"DNS {each.Detail.Split(' ')[0]}" : each.Name;

    private void SeeWell(Surrounding each, string key)
    {
        _misses.Remove(key);
        _wasWell.Add(key);
        if (_missing.Remove(key))
        {
            narrator.Say($"well again: {each.Name}: {each.Detail}");
        }
    }

    private void Miss(Surrounding each, string key)
    {
        int misses = _misses[key] = _misses.GetValueOrDefault(key) + 1;
        if (misses >= MissesUntilSaid && (_wasWell.Contains(key) || time.GetElapsedTime(_began) > _patienceAtFirst))
        {
            _missing.Add(key);
            narrator.Say($"lacks: {each.Name}: {each.Detail}");
        }
    }
}
