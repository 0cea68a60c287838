using Images.Formats.Tree;

namespace Images.Formats.Tar;

/// <summary>One entry of a tar archive, as it is written there: nothing about its names was judged yet.</summary>
public sealed record TarEntry
{
    /// <summary>What the errors call the archive.</summary>
    public required string Archive { get; init; }

    /// <summary>Byte offset of the entry's header in the archive.</summary>
    public required long Offset { get; init; }

    /// <summary>The raw name, such as "./usr/bin/"; it may try to escape. See <see cref="ParsePath"/>.</summary>
    public required string Path { get; init; }

    public required TarEntryKind Kind { get; init; }

    /// <summary>The 12 permission bits (07777).</summary>
    public required int Mode { get; init; }

    public required int Uid { get; init; }

    public required int Gid { get; init; }

    /// <summary>Empty where the archive names none.</summary>
    public required string UserName { get; init; }

    public required string GroupName { get; init; }

    /// <summary>Seconds since 1970 UTC; fractions are cut off.</summary>
    public required long ModifiedUnixSeconds { get; init; }

    /// <summary>Bytes of content; 0 for whatever is not a file.</summary>
    public required long Size { get; init; }

    /// <summary>Raw target of a symlink, or raw name of the entry that a hard link repeats; else empty.</summary>
    public required string LinkTarget { get; init; }

    public required int DeviceMajor { get; init; }

    public required int DeviceMinor { get; init; }

    /// <summary>
    /// The content, forwards only, until the reader moves to the next entry. Empty for whatever is not a file.
    /// </summary>
    public required Stream Content { get; init; }

    /// <exception cref="MalformedDataException">The path would leave the tree.</exception>
    public TreePath ParsePath() => Parse(Path);

    /// <summary>The path of the entry that a hard link repeats.</summary>
    /// <exception cref="MalformedDataException">The target would leave the tree.</exception>
    public TreePath ParseHardLinkTarget() => Parse(LinkTarget);

    private TreePath Parse(string path)
    {
        try
        {
            return TreePath.Parse(path);
        }
        catch (FormatException e)
        {
            throw new MalformedDataException(Archive, Offset, $"the entry '{Path}' is refused: {e.Message}", e);
        }
    }
}
