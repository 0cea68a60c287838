namespace Images.Fuzz;

/// <summary>
/// Ends the program where a parser does not come back, its input kept. It counts the processor's time, not the clock's: a machine
/// that does much else is slow, and no parser's fault.
/// </summary>
internal sealed class FuzzWatchdog
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _corpus;
    private readonly Lock _lock = new();
    private string _parser = "";
    private byte[]? _input;
    private TimeSpan _began;

    public FuzzWatchdog(string corpus)
    {
        _corpus = corpus;
        new Thread(Watch) { IsBackground = true }.Start();
    }

    public void Begin(string parser, byte[] input)
    {
        lock (_lock)
        {
            (_parser, _input, _began) = (parser, input, Environment.CpuUsage.TotalTime);
        }
    }

    /// <returns>How much of the processor the input cost.</returns>
    public TimeSpan End()
    {
        lock (_lock)
        {
            _input = null;
            return Environment.CpuUsage.TotalTime - _began;
        }
    }

    private void Watch()
    {
        while (true)
        {
            Thread.Sleep(500);
            lock (_lock)
            {
                if (_input is { } input && Environment.CpuUsage.TotalTime - _began > Patience)
                {
                    Console.WriteLine($"{_parser}: ** it does not come back within {Patience.TotalSeconds} s\n{FuzzCorpus.Keep(_parser, _corpus, "hang", input)}");
                    Environment.Exit(3);
                }
            }
        }
    }
}
