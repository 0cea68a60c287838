using Images.NodeConfig;

namespace Images.Baker.Progress;

/// <summary>
/// For a terminal: the running stage's line is redrawn with bytes, rate and share; a finished stage leaves its line.
/// </summary>
internal sealed class TerminalProgress : IBakeProgress
{
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _output;
    private readonly Func<int> _width;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly List<StageTime> _finished = [];
    private readonly ITimer _timer;
    private BakeStage? _running;

    /// <param name="output">The terminal.</param>
    /// <param name="width">Its columns at the moment, or 0: a line that is redrawn must not wrap.</param>
    /// <param name="clock">Measures stages and says when to redraw.</param>
    public TerminalProgress(TextWriter output, Func<int> width, TimeProvider clock)
    {
        _output = output;
        _width = width;
        _clock = clock;
        _timer = clock.CreateTimer(_ => Redraw(), null, dueTime: _period, period: _period);
    }

    public IReadOnlyList<StageTime> Finished => _finished;

    public BakeStage Begin(string name, long? totalBytes = null)
    {
        BakeStage stage = new(name, totalBytes, _clock, End);
        lock (_lock)
        {
            _running = stage;
        }

        Redraw();
        return stage;
    }

    public void Notice(string text)
    {
        lock (_lock)
        {
            _output.Write($"\r\u001b[Knotice: {PlainText.Of(text)}\n");
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Redraw()
    {
        lock (_lock)
        {
            if (_running is { } stage)
            {
                string share = stage.TotalBytes is > 0 and { } total
                    ? $"  {Math.Min(100, 100 * stage.Bytes / total),3} % of {ByteText.Size(total)}"
                    : "";
                string line = PlainText.Of(ByteText.Stage(stage.Name, stage.Elapsed, stage.Bytes) + share
                    + (stage.Detail.Length > 0 ? $"  {stage.Detail}" : ""));
                int columns = _width() - 1;
                _output.Write($"\r\u001b[K{(columns > 0 && line.Length > columns ? line[..columns] : line)}");
                _output.Flush();
            }
        }
    }

    private void End(StageTime stage)
    {
        lock (_lock)
        {
            _running = null;
            _finished.Add(stage);
            _output.Write($"\r\u001b[K{PlainText.Of(ByteText.Stage(stage.Name, stage.Duration, stage.Bytes))}\n");
        }
    }
}
