namespace Images.Baker.Progress;

/// <summary>
/// For a terminal: the running stage's line is redrawn with bytes, rate and share; a finished stage leaves its line.
/// </summary>
internal sealed class TerminalProgress : IBakeProgress, IDisposable
{
    private readonly TextWriter _output;
    private readonly Lock _lock = new();
    private readonly List<StageTime> _finished = [];
    private readonly Timer _timer;
    private BakeStage? _running;

    public TerminalProgress(TextWriter output)
    {
        _output = output;
        _timer = new Timer(_ => Redraw(), null, dueTime: 100, period: 100);
    }

    public IReadOnlyList<StageTime> Finished => _finished;

    public BakeStage Begin(string name, long? totalBytes = null)
    {
        BakeStage stage = new(name, totalBytes, End);
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
            _output.Write($"\r\u001b[Knotice: {text}\n");
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Redraw()
    {
        lock (_lock)
        {
            if (_running is { } stage)
            {
                string share = stage.TotalBytes is > 0 and { } total ? $"  {Math.Min(100, 100 * stage.Bytes / total),3} % of {ByteText.Size(total)}" : "";
                string amount = stage.Bytes > 0 ? $"  {ByteText.Size(stage.Bytes)}  {ByteText.Rate(stage.Bytes, stage.Elapsed)}" : "";
                _output.Write($"\r\u001b[K{stage.Name,-24} {ByteText.Duration(stage.Elapsed),10}{amount}{share}");
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
            string amount = stage.Bytes > 0 ? $"  {ByteText.Size(stage.Bytes)}  {ByteText.Rate(stage.Bytes, stage.Duration)}" : "";
            _output.Write($"\r\u001b[K{stage.Name,-24} {ByteText.Duration(stage.Duration),10}{amount}\n");
        }
    }
}
