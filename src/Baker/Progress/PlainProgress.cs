namespace Images.Baker.Progress;

/// <summary>One line when a stage ends: for logs and pipes.</summary>
internal sealed class PlainProgress(TextWriter output) : IBakeProgress
{
    private readonly List<StageTime> _finished = [];

    public IReadOnlyList<StageTime> Finished => _finished;

    public BakeStage Begin(string name, long? totalBytes = null) => new(name, totalBytes, End);

    public void Notice(string text) => output.WriteLine($"notice: {text}");

    private void End(StageTime stage)
    {
        _finished.Add(stage);
        string amount = stage.Bytes > 0 ? $"  {ByteText.Size(stage.Bytes)}  {ByteText.Rate(stage.Bytes, stage.Duration)}" : "";
        output.WriteLine($"{stage.Name,-24} {ByteText.Duration(stage.Duration),10}{amount}");
    }
}
