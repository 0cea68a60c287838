namespace Images.Baker.Progress;

/// <summary>Where a command tells what it is doing: live bars on a terminal, one line a stage elsewhere.</summary>
internal interface IBakeProgress : IDisposable
{
    /// <summary>Begins a stage; it ends when the value is disposed. Stages do not overlap.</summary>
    /// <param name="name">A verb and its object, as "unpack packages".</param>
    /// <param name="totalBytes">Bytes the stage will report, where known.</param>
    BakeStage Begin(string name, long? totalBytes = null);

    /// <summary>Something the user should know though nothing failed.</summary>
    void Notice(string text);

    /// <summary>The stages that ended, in order.</summary>
    IReadOnlyList<StageTime> Finished { get; }
}
