namespace Images.Baker.Progress;

/// <summary>How long a stage took and how many bytes it reported.</summary>
internal sealed record StageTime(string Name, TimeSpan Duration, long Bytes);
