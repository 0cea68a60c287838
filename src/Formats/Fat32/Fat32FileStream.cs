namespace Images.Formats.Fat32;

/// <summary>Reads a chain of clusters as one stream. Closing it leaves the volume open.</summary>
internal sealed class Fat32FileStream(Stream volume, Fat32Geometry geometry, uint[] clusters, long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override int Read(Span<byte> buffer) => ReadInto(buffer);

    public override int Read(byte[] buffer, int offset, int count) => ReadInto(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // nothing is written
    }

    private int ReadInto(Span<byte> buffer)
    {
        int count = (int)Math.Clamp(length - _position, 0, buffer.Length);
        for (int done = 0; done < count;)
        {
            int index = (int)(_position / geometry.ClusterSize);
            int within = (int)(_position % geometry.ClusterSize);
            long runBytes = ((long)RunLength(index) * geometry.ClusterSize) - within;
            int part = (int)Math.Min(count - done, runBytes);
            volume.Position = geometry.ClusterOffset(clusters[index]) + within;
            volume.ReadExactly(buffer.Slice(done, part));
            done += part;
            _position += part;
        }

        return count;
    }

    /// <summary>
    /// Clusters from this one on that follow one another on the volume: up to 256 are read in one go.
    /// </summary>
    private int RunLength(int index)
    {
        int run = 1;
        while (run < 256 && index + run < clusters.Length && clusters[index + run] == clusters[index] + run)
        {
            run++;
        }

        return run;
    }
}
