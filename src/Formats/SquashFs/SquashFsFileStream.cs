namespace Images.Formats.SquashFs;

/// <summary>The bytes of one stored file, decompressed block by block as they are asked for.</summary>
internal sealed class SquashFsFileStream(SquashFsBlockSource source, StoredFile file) : Stream
{
    private readonly byte[] _block = new byte[(int)Math.Min(file.Length, source.BlockSize)];
    private long _position;
    private long _loadedBlock = -1;
    private int _loadedLength;
    private long _nextOffset = file.StartOffset;
    private long _nextBlock;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override int Read(byte[] buffer, int offset, int count) => Fill(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Fill(buffer);

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => file.Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Fill(Span<byte> buffer)
    {
        if (_position >= file.Length || buffer.IsEmpty)
        {
            return 0;
        }

        long block = _position / source.BlockSize;
        if (block != _loadedBlock)
        {
            Load(block);
        }

        int inBlock = (int)(_position % source.BlockSize);
        int count = Math.Min(buffer.Length, _loadedLength - inBlock);
        _block.AsSpan(inBlock, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    private void Load(long block)
    {
        int length = (int)Math.Min(source.BlockSize, file.Length - (block * source.BlockSize));
        Span<byte> target = _block.AsSpan(0, length);
        if (block >= file.BlockSizes.Length)
        {
            source.ReadTail(file.Fragment, file.FragmentOffset, target);
        }
        else if (file.BlockSizes[block] == 0)
        {
            target.Clear();
        }
        else
        {
            source.ReadBlock(OffsetOf(block), file.BlockSizes[block], target);
        }

        _loadedBlock = block;
        _loadedLength = length;
    }

    private long OffsetOf(long block)
    {
        if (block < _nextBlock)
        {
            (_nextBlock, _nextOffset) = (0, file.StartOffset);
        }

        for (; _nextBlock < block; _nextBlock++)
        {
            _nextOffset += file.BlockSizes[_nextBlock] & SquashFsConstants.BlockLengthMask;
        }

        return _nextOffset;
    }
}
