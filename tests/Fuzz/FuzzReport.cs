using System.Diagnostics;

namespace Images.Fuzz;

/// <summary>What a run of one parser saw.</summary>
internal sealed class FuzzReport(string parser)
{
    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public int Inputs { get; set; }

    public int Findings { get; set; }

    public TimeSpan Slowest { get; set; }

    public long MostBytes { get; set; }

    public string Line => $"{parser,-18} {Inputs,9} inputs in {_clock.Elapsed.TotalSeconds:F1} s, slowest {Slowest.TotalMilliseconds:F0} ms, "
        + $"most allocated {MostBytes >> 10} KiB: {string.Join(", ", _outcomes.Select(outcome => $"{outcome.Key} {outcome.Value}"))}"
        + (Findings > 0 ? $"; ** {Findings} FINDINGS" : "");

    public bool HasSeen(string outcome) => _outcomes.ContainsKey(outcome);

    /// <returns>Whether it is the first of its kind.</returns>
    public bool Count(string outcome) => (_outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1) == 1;
}
