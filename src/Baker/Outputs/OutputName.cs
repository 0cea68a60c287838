namespace Images.Baker.Outputs;

/// <summary>A file that is written and closed, and the name that it is to get.</summary>
internal sealed record OutputName(string PartialPath, string Path)
{
    /// <summary>Where an older file of that name waits until the new ones stand.</summary>
    public string PreviousPath { get; } = Path + ".previous";
}
