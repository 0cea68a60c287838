using System.Buffers;

namespace Images.Formats.SquashFs;

/// <summary>Compressed blocks in a seekable stream, an image's or a layer's. Safe for several threads.</summary>
internal sealed class SquashFsBlockSource
{
    /// <summary>Small enough to stay in a core's cache between reading and writing.</summary>
    private const int CopyBufferSize = 1 << 18;
    private const int CachedFragments = 8;

    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private readonly long _origin;
    private readonly IReadOnlyList<SquashFsFragment> _fragments;
    private readonly Queue<(int Index, byte[] Bytes)> _cache = new();

    /// <param name="stream">Stays the caller's.</param>
    /// <param name="origin">The position that offsets count from.</param>
    /// <param name="length">Bytes from there on that may hold blocks.</param>
    /// <param name="name">For messages.</param>
    /// <param name="blockSize">Uncompressed bytes of a block.</param>
    /// <param name="fragments">Fragment blocks by their index.</param>
    public SquashFsBlockSource(
        Stream stream, long origin, long length, string name, int blockSize, IReadOnlyList<SquashFsFragment> fragments)
    {
        _stream = stream;
        _origin = origin;
        Length = length;
        Name = name;
        BlockSize = blockSize;
        _fragments = fragments;
    }

    public long Length { get; }

    public string Name { get; }

    public int BlockSize { get; }

    public IReadOnlyList<SquashFsFragment> Fragments => _fragments;

    /// <summary>Copies stored bytes as they are to the output's position.</summary>
    public void CopyTo(long offset, long length, Stream output)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBufferSize);
        while (length > 0)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(length, CopyBufferSize));
            ReadStored(offset, part);
            output.Write(part);
            offset += part.Length;
            length -= part.Length;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>
    /// Decompresses one block into <paramref name="target"/>, which has the length that the block must have.
    /// </summary>
    public void ReadBlock(long offset, uint sizeWord, Span<byte> target)
    {
        int length = Decompress(offset, sizeWord, target);
        if (length != target.Length)
        {
            throw new MalformedDataException(
                Name, offset, $"the block has {length} bytes uncompressed where its file needs {target.Length}");
        }
    }

    /// <summary>Copies a file's tail out of its fragment block.</summary>
    public void ReadTail(int fragment, int fragmentOffset, Span<byte> target)
    {
        byte[] block = ReadFragment(fragment);
        if (block.Length - fragmentOffset < target.Length)
        {
            throw new MalformedDataException(
                Name,
                _fragments[fragment].StartOffset,
                $"fragment block {fragment} has {block.Length} bytes, a file's tail needs "
                    + $"{(long)fragmentOffset + target.Length}");
        }

        block.AsSpan(fragmentOffset, target.Length).CopyTo(target);
    }

    private byte[] ReadFragment(int index)
    {
        lock (_lock)
        {
            foreach ((int known, byte[] bytes) in _cache)
            {
                if (known == index)
                {
                    return bytes;
                }
            }
        }

        byte[] block = new byte[BlockSize];
        SquashFsFragment fragment = _fragments[index];
        byte[] made = block[..Decompress(fragment.StartOffset, fragment.SizeWord, block)];
        lock (_lock)
        {
            if (_cache.Count == CachedFragments)
            {
                _cache.Dequeue();
            }

            _cache.Enqueue((index, made));
        }

        return made;
    }

    private int Decompress(long offset, uint sizeWord, Span<byte> target)
    {
        int storedLength = (int)(sizeWord & SquashFsConstants.BlockLengthMask);
        if (sizeWord >> 25 != 0 || storedLength == 0 || storedLength > BlockSize)
        {
            throw new MalformedDataException(Name, offset, $"the block's size word {sizeWord:x8} is out of range");
        }

        if ((sizeWord & SquashFsConstants.UncompressedBlock) != 0)
        {
            if (storedLength > target.Length)
            {
                throw new MalformedDataException(
                    Name, offset, $"the block has {storedLength} bytes where at most {target.Length} fit");
            }

            ReadStored(offset, target[..storedLength]);
            return storedLength;
        }

        byte[] stored = new byte[storedLength];
        ReadStored(offset, stored);
        try
        {
            return ZlibBlock.Decompress(stored, storedLength, target);
        }
        catch (InvalidDataException e)
        {
            throw new MalformedDataException(Name, offset, $"the block does not decompress: {e.Message}", e);
        }
    }

    private void ReadStored(long offset, Span<byte> target)
    {
        if (offset < 0 || offset > Length - target.Length)
        {
            throw new MalformedDataException(
                Name, offset, $"a block of {target.Length} bytes lies beyond the {Length} bytes that hold blocks");
        }

        lock (_lock)
        {
            _stream.Position = _origin + offset;
            _stream.ReadExactly(target);
        }
    }
}
