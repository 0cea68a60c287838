using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>
/// One table of metadata in an image. Its chain of blocks is walked once, so that sizes are known before anything is
/// believed.
/// </summary>
internal sealed class SquashFsMetadataReader
{
    private const int CachedBlocks = 1024;

    private readonly Stream _image;
    private readonly long _origin;
    private readonly Dictionary<uint, uint> _nextBlock = [];
    private readonly Dictionary<uint, byte[]> _cache = [];

    /// <exception cref="MalformedDataException">The blocks do not fill the table exactly.</exception>
    public SquashFsMetadataReader(Stream image, long origin, long start, long end, string name)
    {
        (_image, _origin, Start, Name) = (image, origin, start, name);
        byte[] header = new byte[2];
        for (long offset = start; offset < end;)
        {
            long next = end - offset >= header.Length ? offset + header.Length + ReadHeader(offset, header)
                .StoredLength : long.MaxValue;
            if (next > end || next - start > uint.MaxValue)
            {
                throw new MalformedDataException(name, offset, "a metadata block reaches beyond its table");
            }

            _nextBlock.Add((uint)(offset - start), (uint)(next - start));
            offset = next;
        }
    }

    /// <summary>Where the table starts in the image.</summary>
    public long Start { get; }

    public string Name { get; }

    /// <summary>More bytes than this the table cannot hold uncompressed.</summary>
    public long LengthLimit => (long)_nextBlock.Count * SquashFsConstants.MetadataBlockSize;

    public byte[] ReadBlock(uint blockStart)
    {
        if (!_nextBlock.ContainsKey(blockStart))
        {
            throw new MalformedDataException(Name, Start + blockStart, "no metadata block of the table starts here");
        }

        if (!_cache.TryGetValue(blockStart, out byte[]? block))
        {
            block = Decompress(Start + blockStart);
            if (_cache.Count == CachedBlocks)
            {
                _cache.Clear();
            }

            _cache.Add(blockStart, block);
        }

        return block;
    }

    /// <summary>The block after this one, or null at the table's end.</summary>
    public uint? BlockAfter(uint blockStart)
    {
        uint next = _nextBlock[blockStart];
        return _nextBlock.ContainsKey(next) ? next : null;
    }

    private (int StoredLength, bool IsStored) ReadHeader(long offset, byte[] header)
    {
        _image.Position = _origin + offset;
        _image.ReadExactly(header);
        ushort word = BinaryPrimitives.ReadUInt16LittleEndian(header);
        int length = word & ~SquashFsConstants.UncompressedMetadata;
        return length is > 0 and <= SquashFsConstants.MetadataBlockSize
            ? (length, (word & SquashFsConstants.UncompressedMetadata) != 0)
            : throw new MalformedDataException(Name, offset, $"a metadata block cannot have {length} bytes");
    }

    private byte[] Decompress(long offset)
    {
        (int storedLength, bool isStored) = ReadHeader(offset, new byte[2]);
        byte[] stored = new byte[storedLength];
        _image.ReadExactly(stored);
        if (isStored)
        {
            return stored;
        }

        byte[] block = new byte[SquashFsConstants.MetadataBlockSize];
        try
        {
            return block[..ZlibBlock.Decompress(stored, storedLength, block)];
        }
        catch (InvalidDataException e)
        {
            throw new MalformedDataException(Name, offset, $"a metadata block does not decompress: {e.Message}", e);
        }
    }
}
