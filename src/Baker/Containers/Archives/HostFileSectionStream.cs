using Images.Formats;

namespace Images.Baker.Containers.Archives;

/// <summary>Reads a part of a file that it opens itself.</summary>
internal sealed class HostFileSectionStream : ReadOnlyStream
{
    private readonly FileStream _file;
    private long _left;

    public HostFileSectionStream(string path, long offset, long length)
    {
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16) { Position = offset };
        Length = _left = length;
    }

    public override long Length { get; }

    protected override int TakeBytes(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, _left);
        int read = wanted == 0 ? 0 : _file.ReadAtLeast(buffer[..wanted], 1);
        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }
}
