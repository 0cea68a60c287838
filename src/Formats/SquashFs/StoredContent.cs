using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>
/// A file whose bytes are already SquashFS blocks, in an image or a layer; the writer copies them as they are.
/// </summary>
internal abstract class StoredContent(SquashFsBlockSource source, StoredFile stored) : FileContent
{
    public SquashFsBlockSource Source { get; } = source;

    public StoredFile Stored { get; } = stored;

    public override long Length => Stored.Length;

    public override Stream OpenRead() => new SquashFsFileStream(Source, Stored);
}
