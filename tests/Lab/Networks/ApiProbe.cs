using System.Globalization;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.Lab.Networks;

/// <summary>What a client of the API sees from the network's side of the bridge: see <see cref="ApiClient"/>.</summary>
internal sealed class ApiProbe : IDisposable
{
    /// <summary>Arguments of lab.dll: this, a kubeconfig and a name.</summary>
    public const string Command = "ask-api";

    public const string NewConnection = "new";
    public const string KeptConnection = "kept";
    public const string Write = "write";
    public const string Good = "ok";

    /// <summary>Begins a line with a Node's name and when its Lease was renewed.</summary>
    public const string Lease = "lease";

    public static IReadOnlyList<string> Kinds { get; } = [NewConnection, KeptConnection, Write];

    private readonly TetheredProcess _process;
    private readonly Thread _reader;
    private readonly Lock _lock = new();
    private readonly List<Attempt> _attempts = [];
    private readonly Dictionary<string, SortedSet<DateTimeOffset>> _renewals = new(StringComparer.Ordinal);
    private readonly string _name;

    /// <param name="kubeconfig">Says where the API is.</param>
    /// <param name="name">For what it writes.</param>
    public ApiProbe(LabNetwork network, string kubeconfig, string name)
    {
        _name = name;
        _process = new TetheredProcess(
            network.Entrance, [Judge.Find("dotnet"), Path.Combine(AppContext.BaseDirectory, "lab.dll"), Command, kubeconfig, name], readsOutput: true);
        _reader = new Thread(Read) { IsBackground = true, Name = "reader of the client's lines" };
        _reader.Start();
    }

    /// <summary>ConfigMaps whose write was acknowledged.</summary>
    public IReadOnlyList<string> Written
    {
        get
        {
            lock (_lock)
            {
                return [.. _attempts.Where(attempt => attempt is { Kind: Write, IsGood: true }).Select(attempt => $"{_name}-{attempt.Number}")];
            }
        }
    }

    /// <summary>Waits until everything that it does has succeeded for so long.</summary>
    /// <returns>The moment.</returns>
    public DateTimeOffset WaitUntilCalm(TimeSpan calm, int seconds)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(seconds);
        while (true)
        {
            DateTimeOffset now = DateTimeOffset.UtcNow;
            lock (_lock)
            {
                Attempt[] late = [.. _attempts.Where(attempt => attempt.End > now - calm)];
                if (_attempts.Count > 0 && _attempts[0].Begin < now - calm
                    && Kinds.All(kind => late.Any(attempt => attempt.Kind == kind)) && late.All(attempt => attempt.IsGood))
                {
                    return now;
                }

                if (now > end)
                {
                    throw new MachineException($"The API does not answer steadily within {seconds} s: {string.Join("; ", _attempts.Where(attempt => !attempt.IsGood).TakeLast(5))}");
                }
            }

            Thread.Sleep(100);
        }
    }

    /// <summary>The longest time since a moment in which nothing of one kind succeeded.</summary>
    public TimeSpan LongestGap(string kind, DateTimeOffset since)
    {
        lock (_lock)
        {
            DateTimeOffset last = since;
            TimeSpan longest = TimeSpan.Zero;
            foreach (Attempt attempt in _attempts.Where(attempt => attempt.Kind == kind && attempt.IsGood && attempt.End > since).OrderBy(attempt => attempt.End))
            {
                longest = attempt.End - last > longest ? attempt.End - last : longest;
                last = attempt.End;
            }

            TimeSpan open = DateTimeOffset.UtcNow - last;
            return open > longest ? open : longest;
        }
    }

    /// <summary>How many attempts of one kind failed since a moment.</summary>
    public int Failed(string kind, DateTimeOffset since)
    {
        lock (_lock)
        {
            return _attempts.Count(attempt => attempt.Kind == kind && attempt.End > since && !attempt.IsGood);
        }
    }

    /// <summary>The longest time between two renewals of a Node's Lease, of which the second was after a moment.</summary>
    public TimeSpan LongestLeaseGap(DateTimeOffset since)
    {
        lock (_lock)
        {
            return _renewals.Values
                .SelectMany(moments => moments.Zip(moments.Skip(1).Append(DateTimeOffset.UtcNow)))
                .Where(pair => pair.Second > since)
                .Max(pair => pair.Second - pair.First);
        }
    }

    /// <summary>"new 2.7 s, kept 2.7 s, write 2.8 s; 31 failed".</summary>
    public string Describe(DateTimeOffset since)
    {
        int failed;
        lock (_lock)
        {
            failed = _attempts.Count(attempt => attempt.End > since && !attempt.IsGood);
        }

        string gaps = string.Join(", ", Kinds.Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind} {LongestGap(kind, since).TotalSeconds:0.0} s")));
        return $"{gaps}; {failed} failed";
    }

    public void Dispose()
    {
        _process.Dispose();
        _reader.Join();
    }

    private void Read()
    {
        while (_process.ReadLine() is { } line)
        {
            if (line.Split(' ') is [Lease, string node, string renewed])
            {
                lock (_lock)
                {
                    _renewals.TryAdd(node, []);
                    _renewals[node].Add(DateTimeOffset.Parse(renewed, CultureInfo.InvariantCulture));
                }
            }
            else if (line.Split(' ', 5) is [string kind, string number, string begin, string end, string outcome])
            {
                Attempt attempt = new(kind, long.Parse(number, CultureInfo.InvariantCulture), Moment(begin), Moment(end), outcome);
                lock (_lock)
                {
                    _attempts.Add(attempt);
                }
            }
        }
    }

    private static DateTimeOffset Moment(string milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture));

    private sealed record Attempt(string Kind, long Number, DateTimeOffset Begin, DateTimeOffset End, string Outcome)
    {
        public bool IsGood => Outcome == Good;
    }
}
