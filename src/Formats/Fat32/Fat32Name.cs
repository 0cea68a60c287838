using Images.Formats.Tree;

namespace Images.Formats.Fat32;

/// <summary>One file or folder under both its names.</summary>
internal sealed record Fat32Name(TreePath Path, string ShortName)
{
    public string LongName => Path.Name;

    /// <summary>A name that is its own short name needs no long one.</summary>
    public bool NeedsLongName => Fat32ShortNames.Display(ShortName) != LongName;

    public int EntryCount => 1 + (NeedsLongName ? Fat32LongName.EntryCount(LongName) : 0);
}
