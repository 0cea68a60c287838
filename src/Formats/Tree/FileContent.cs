namespace Images.Formats.Tree;

/// <summary>The bytes of one regular file, readable as often as wanted.</summary>
public abstract class FileContent
{
    /// <summary>Length in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>SHA-256 of the bytes; equal contents are stored once.</summary>
    public abstract Digest Digest { get; }

    public abstract Stream OpenRead();
}
