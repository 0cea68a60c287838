namespace Images.Formats.Tree;

/// <summary>Contents that were made in memory: generated files, small enough to hold.</summary>
public sealed class MemoryContent(ReadOnlyMemory<byte> bytes) : FileContent
{
    private readonly Lazy<Digest> _digest = new(() => Digest.Sha256(bytes.Span));

    public override long Length => bytes.Length;

    public override Digest Digest => _digest.Value;

    public ReadOnlyMemory<byte> Bytes => bytes;

    public static MemoryContent FromText(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    public override Stream OpenRead() => new MemoryStream(bytes.ToArray(), writable: false);
}
