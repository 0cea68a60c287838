namespace Images.Formats.Tar;

/// <summary>
/// The content of one entry; the reader, which reads forwards only, knows whether it still stands there.
/// </summary>
internal sealed class TarContentStream(TarReader reader, long entryOffset, long length) : ReadOnlyStream
{
    public override long Length => length;

    protected override int TakeBytes(Span<byte> buffer) => reader.ReadContent(entryOffset, buffer);
}
