using System.Buffers;
using System.Collections.Concurrent;

namespace Images.Formats.Verity;

/// <summary>
/// The data of a slot while it is written: passes everything on, and hashes meanwhile, on another processor, the blocks
/// that are appended, so that they need not be read again. A block that is written a second time is read back at the
/// end.
/// </summary>
internal sealed class VerityDataStream : Stream
{
    private const int BlocksAChunk = 256;
    private const int ChunkBytes = BlocksAChunk * VerityTree.BlockSize;

    /// <summary>Chunks that wait to be hashed: 8 MiB.</summary>
    private const int Waiting = 8;

    private readonly Stream _slot;
    private readonly BlockHasher _hasher;
    private readonly BlockingCollection<byte[]> _full = new(Waiting);
    private readonly MemoryStream _hashes = new();
    private readonly SortedSet<long> _rewritten = [];
    private readonly Task _hashing;
    private byte[] _chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
    private int _filled;
    private long _appended;

    /// <param name="slot">Readable, writable, seekable, at its position 0. Left open.</param>
    public VerityDataStream(Stream slot)
    {
        _slot = slot;
        _hasher = VerityTree.ProductHasher();
        _hashing = Task.Run(HashChunks);
    }

    public override bool CanRead => false;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _slot.Length;

    public override long Position
    {
        get => _slot.Position;
        set => _slot.Position = value;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        long start = _slot.Position, end = start + buffer.Length;
        _slot.Write(buffer);
        for (long block = start / VerityTree.BlockSize; block * VerityTree.BlockSize < Math.Min(
            end, _appended); block++)
        {
            _rewritten.Add(block);
        }

        // what comes after a gap is read back like the gap itself
        if (start <= _appended && end > _appended)
        {
            Append(buffer[(int)(_appended - start)..]);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>
    /// The hash of each block, the last one padded with zeros as <see cref="VerityTree.Append"/> pads it.
    /// </summary>
    /// <param name="dataBytes">Length of the data, more than 0.</param>
    public byte[] TakeHashes(long dataBytes)
    {
        _full.CompleteAdding();
        _hashing.GetAwaiter().GetResult();
        byte[] hashes = new byte[(dataBytes + VerityTree.BlockSize - 1) / VerityTree.BlockSize * BlockHasher.HashSize];
        int known = (int)Math.Min(_hashes.Length, hashes.Length);
        _hashes.GetBuffer().AsSpan(0, known).CopyTo(hashes);
        for (int block = known / BlockHasher.HashSize; block < hashes.Length / BlockHasher.HashSize; block++)
        {
            _rewritten.Add(block);
        }

        byte[] data = new byte[VerityTree.BlockSize];
        foreach (long block in _rewritten.Where(block => block < hashes.Length / BlockHasher.HashSize))
        {
            _slot.Position = block * VerityTree.BlockSize;
            int count = _slot.ReadAtLeast(data, (int)Math.Min(data.Length, dataBytes - _slot.Position));
            data.AsSpan((int)Math.Min(count, dataBytes - (block * VerityTree.BlockSize))).Clear();
            _hasher.HashOne(data).CopyTo(hashes, block * BlockHasher.HashSize);
        }

        return hashes;
    }

    public override long Seek(long offset, SeekOrigin origin) => _slot.Seek(offset, origin);

    public override void SetLength(long value) => _slot.SetLength(value);

    public override void Flush() => _slot.Flush();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("This stream is written only.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_full.IsAddingCompleted)
        {
            _full.CompleteAdding();
        }

        _hashing.GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _appended += bytes.Length;
        while (bytes.Length > 0)
        {
            int count = Math.Min(bytes.Length, ChunkBytes - _filled);
            bytes[..count].CopyTo(_chunk.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == ChunkBytes)
            {
                _full.Add(_chunk);
                _chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
                _filled = 0;
            }
        }
    }

    private void HashChunks()
    {
        byte[] hashes = new byte[BlocksAChunk * BlockHasher.HashSize];
        foreach (byte[] chunk in _full.GetConsumingEnumerable())
        {
            _hasher.HashHere(chunk.AsSpan(0, ChunkBytes), hashes);
            _hashes.Write(hashes);
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
