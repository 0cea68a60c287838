using Images.NodeConfig;

namespace Images.Baker.Progress;

/// <summary>One line when a stage ends: for logs and pipes.</summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider clock) : IBakeProgress
{
    private readonly List<StageTime> _finished = [];

    public IReadOnlyList<StageTime> Finished => _finished;

    public BakeStage Begin(string name, long? totalBytes = null) => new(name, totalBytes, clock, End);

    public void Notice(string text) => output.WriteLine($"notice: {PlainText.Of(text)}");

    public void Dispose()
    {
        // every line is written when it is due
    }

    private void End(StageTime stage)
    {
        _finished.Add(stage);
        output.WriteLine(PlainText.Of(ByteText.Stage(stage.Name, stage.Duration, stage.Bytes)));
    }
}
