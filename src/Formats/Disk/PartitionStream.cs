using Images.Formats.Gpt;
using Microsoft.Win32.SafeHandles;

namespace Images.Formats.Disk;

/// <summary>
/// A part of a disk file as a stream of its own: seekable, never reaching beyond the part. Reads and writes go by
/// position straight to the file, without a buffer, so that what is written once is written in its final place and what
/// is not written stays a hole. <see cref="ReadAt"/> may be called from several threads.
/// </summary>
/// <remarks>
/// A stream for writing has the length of what was written so far (or set); reading a hole gives zeros. A stream for
/// reading has the length of its part. Closing it leaves the file open: that belongs to the writer or the image.
/// </remarks>
internal sealed class PartitionStream : Stream
{
    private readonly SafeFileHandle _file;
    private readonly string _fileName;
    private readonly GptPartition _partition;
    private readonly bool _writable;
    private long _length;
    private long _position;

    private PartitionStream(SafeFileHandle file, string fileName, GptPartition partition, bool writable)
    {
        _file = file;
        _fileName = fileName;
        _partition = partition;
        _writable = writable;
        _length = writable ? 0 : partition.SizeBytes;
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => _writable;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public static PartitionStream ForReading(SafeFileHandle file, string fileName, GptPartition partition) =>
        new(file, fileName, partition, writable: false);

    public static PartitionStream ForWriting(SafeFileHandle file, string fileName, GptPartition partition) =>
        new(file, fileName, partition, writable: true);

    /// <summary>Reads up to the buffer's length from a position of the part; 0 at its end.</summary>
    public int ReadAt(Span<byte> buffer, long position)
    {
        int count = (int)Math.Clamp(_length - position, 0, buffer.Length);
        Span<byte> wanted = buffer[..count];
        int done = 0;
        while (done < count)
        {
            int got = RandomAccess.Read(_file, wanted[done..], _partition.OffsetBytes + position + done);
            if (got == 0)
            {
                throw new MalformedDataException(
                    _fileName, _partition.OffsetBytes + position + done, $"the file ends within {_partition.Name}.");
            }

            done += got;
        }

        return count;
    }

    public override int Read(Span<byte> buffer)
    {
        int count = ReadAt(buffer, _position);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int got = ReadAt(buffer.AsSpan(offset, count), _position);
        _position += got;
        return got;
    }

    /// <exception cref="ContentException">The part is too small, or the file cannot be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_writable)
        {
            throw new NotSupportedException("This part of the disk was opened for reading.");
        }

        RequireRoom(_position + buffer.Length);
        try
        {
            RandomAccess.Write(_file, buffer, _partition.OffsetBytes + _position);
        }
        catch (Exception fault) when (OutputFaults.IsOne(fault))
        {
            throw OutputFaults.Of(_fileName, fault);
        }

        _position += buffer.Length;
        _length = Math.Max(_length, _position);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => _length + offset,
    };

    /// <summary>Only grows: the new bytes are a hole and read as zeros.</summary>
    public override void SetLength(long value)
    {
        if (!_writable || value < _length)
        {
            throw new NotSupportedException("A part of a disk is not cut shorter.");
        }

        RequireRoom(value);
        _length = value;
    }

    public override void Flush()
    {
        // nothing is buffered
    }

    private void RequireRoom(long neededBytes)
    {
        if (neededBytes > _partition.SizeBytes)
        {
            throw new ContentException(
                "BAKE0533",
                _fileName,
                $"the image is too big for its slot: {_partition.Name} needs {InMebibytes(neededBytes)} MiB or more, "
                    + $"the slot has {InMebibytes(_partition.SizeBytes)} MiB.",
                $"Set {_partition.SizeSetting} to a bigger size, or put less into the image.");
        }
    }

    private static long InMebibytes(long bytes) => (bytes + GptLayout.Mebibyte - 1) / GptLayout.Mebibyte;
}
