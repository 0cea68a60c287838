namespace Images.Formats.Verity;

/// <summary>
/// The data of a root followed by its hash tree, which is made while the data go by: of them only the hashes are held,
/// a 128th. Forwards only; leaves the data's stream open.
/// </summary>
/// <param name="data">Gives <paramref name="dataBlocks"/> whole blocks.</param>
internal sealed class VerityAppendedStream(Stream data, long dataBlocks, byte[] salt) : ReadOnlyStream
{
    private readonly BlockHasher _hasher = new(salt);
    private readonly byte[] _hashes = new byte[dataBlocks * BlockHasher.HashSize];
    private readonly byte[] _block = new byte[VerityTree.BlockSize];
    private long _next; // the block that is read next
    private int _given = VerityTree.BlockSize; // of the block
    private Queue<byte[]>? _levels;
    private int _givenOfLevel;

    public override long Length { get; } = (dataBlocks + VerityTree.HashBlocks(dataBlocks)) * VerityTree.BlockSize;

    protected override int TakeBytes(Span<byte> buffer)
    {
        if (_given == VerityTree.BlockSize && _next < dataBlocks)
        {
            data.ReadExactly(_block);
            _hasher.HashHere(_block, _hashes.AsSpan((int)(_next * BlockHasher.HashSize), BlockHasher.HashSize));
            _next++;
            _given = 0;
        }

        if (_given < VerityTree.BlockSize)
        {
            int count = Math.Min(buffer.Length, VerityTree.BlockSize - _given);
            _block.AsSpan(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }

        _levels ??= new Queue<byte[]>(VerityTree.LevelsOver(_hashes, _hasher));
        if (!_levels.TryPeek(out byte[]? level))
        {
            return 0;
        }

        int taken = Math.Min(buffer.Length, level.Length - _givenOfLevel);
        level.AsSpan(_givenOfLevel, taken).CopyTo(buffer);
        _givenOfLevel += taken;
        if (_givenOfLevel == level.Length)
        {
            _levels.Dequeue();
            _givenOfLevel = 0;
        }

        return taken;
    }
}
