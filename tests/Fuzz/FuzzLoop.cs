using System.Diagnostics;

namespace Images.Fuzz;

/// <summary>One parser's run: its corpus as it is, then mutations of it until the time is over.</summary>
internal sealed class FuzzLoop(FuzzedParser parser, FuzzCorpus corpus, FuzzOptions options, FuzzWatchdog watchdog)
{
    private const string Accepted = "read";

    /// <summary>Of the processor. Garbage of the inputs before is collected in it as well.</summary>
    private static readonly TimeSpan _slow = TimeSpan.FromSeconds(3);

    private readonly FuzzReport _report = new(parser.Name);

    public FuzzReport Run()
    {
        Stopwatch clock = Stopwatch.StartNew();
        foreach ((string name, byte[] bytes) in corpus.Inputs)
        {
            Try(bytes, name);
        }

        if (!_report.HasSeen(Accepted))
        {
            _report.Findings++;
            Console.WriteLine($"{parser.Name}: ** no input of its corpus is read, so what lies behind its first rules is never tried");
        }

        FuzzMutator mutator = new(new Random(options.Seed), [.. corpus.Inputs.Select(input => input.Bytes)]);
        while (clock.Elapsed.TotalSeconds < options.Seconds)
        {
            byte[] input = mutator.Next();
            if (mutator.Coin())
            {
                parser.Repair(input);
            }

            Try(input, keptAs: null);
        }

        return _report;
    }

    /// <param name="input">What to read.</param>
    /// <param name="keptAs">Its name in the corpus; null for a new one.</param>
    private void Try(byte[] input, string? keptAs)
    {
        _report.Inputs++;
        watchdog.Begin(parser.Name, input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string outcome = Read(input, keptAs);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        TimeSpan took = watchdog.End();
        _report.Count(outcome);
        _report.MostBytes = Math.Max(_report.MostBytes, bytes);
        _report.Slowest = took > _report.Slowest ? took : _report.Slowest;
        if (bytes > parser.AllowedFor(input.Length))
        {
            Find("memory", $"{input.Length} bytes made it allocate {bytes >> 20} MiB; {parser.AllowedFor(input.Length) >> 20} are allowed", input, keptAs);
        }

        if (took > _slow)
        {
            Find("slow", $"it took {took.TotalSeconds:F1} s of the processor", input, keptAs);
        }
    }

    private string Read(byte[] input, string? keptAs)
    {
        try
        {
            parser.Read(input);
            return Accepted;
        }
        catch (Exception fault) when (parser.IsDeclared(fault))
        {
            return fault.GetType().Name;
        }
#pragma warning disable CA1031 // what is looked for
        catch (Exception fault)
        {
            string place = fault.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Images.", StringComparison.Ordinal))?.Trim() ?? "";
            Find(fault.GetType().Name, $"{fault.GetType().Name} {place}: {fault.Message}", input, keptAs);
            return $"** {fault.GetType().Name}";
        }
#pragma warning restore CA1031
    }

    private void Find(string kind, string what, byte[] input, string? keptAs)
    {
        string cause = what.Split(':')[0];
        if (_report.Count($"({(kind is "memory" or "slow" ? kind : cause)})"))
        {
            _report.Findings++;
            Console.WriteLine($"{parser.Name}: ** {what}\n{(keptAs is null
                ? FuzzCorpus.Keep(parser.Name, options.Corpus, kind, input)
                : $"  it is in the corpus as '{keptAs}'")}");
        }
    }
}
