using System.Buffers;
using System.Security.Cryptography;

namespace Images.Formats.SquashFs;

/// <summary>
/// Cuts files into blocks, packs their tails into fragment blocks, has both compressed, and remembers what lies where.
/// Contents with equal bytes are kept once.
/// </summary>
internal sealed class BlockPacker : IDisposable
{
    private readonly BlockPipeline _pipeline;
    private readonly int _firstFragment;
    private readonly Dictionary<Digest, PackedFile> _byDigest = [];
    private readonly List<SquashFsFragment> _fragments = [];
    private byte[]? _tails;
    private int _tailsLength;

    /// <param name="output">Blocks are written at its position.</param>
    /// <param name="origin">The position that offsets count from.</param>
    /// <param name="firstFragment">Number of the first fragment block made here.</param>
    /// <param name="workerCount">Threads that compress.</param>
    public BlockPacker(Stream output, long origin, int firstFragment, int workerCount)
    {
        _pipeline = new BlockPipeline(output, origin, workerCount);
        _firstFragment = firstFragment;
    }

    /// <summary>The fragment blocks made here; their places are known after <see cref="Complete"/>.</summary>
    public IReadOnlyList<SquashFsFragment> Fragments => _fragments;

    /// <summary>
    /// Reads exactly <paramref name="length"/> bytes. The answer's places are known after <see cref="Complete"/>.
    /// </summary>
    public PackedFile Pack(Stream content, long length, out Digest digest)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        uint[] blockSizes = new uint[length / SquashFsConstants.BlockSize];
        PackedFile file = new(length, blockSizes);
        for (int i = 0; i < blockSizes.Length; i++)
        {
            byte[] block = BlockPipeline.Rent();
            Span<byte> bytes = block.AsSpan(0, SquashFsConstants.BlockSize);
            content.ReadExactly(bytes);
            hash.AppendData(bytes);
            AddBlock(file, i, block, bytes);
        }

        int tailLength = (int)(length % SquashFsConstants.BlockSize);
        byte[] tail = BlockPipeline.Rent();
        content.ReadExactly(tail.AsSpan(0, tailLength));
        hash.AppendData(tail, 0, tailLength);

        // a whole file's digest is only known here: of a twin with full blocks, those stay behind unused
        digest = Digest.FromSha256(hash.GetHashAndReset());
        if (!_byDigest.TryGetValue(digest, out PackedFile? known))
        {
            known = file;
            _byDigest.Add(digest, known);
            AddTail(known, tail.AsSpan(0, tailLength));
        }

        ArrayPool<byte>.Shared.Return(tail);
        return known;
    }

    /// <summary>Writes everything that is still under way; then all places are known.</summary>
    public void Complete()
    {
        FlushTails();
        _pipeline.Complete();
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        if (_tails is not null)
        {
            ArrayPool<byte>.Shared.Return(_tails);
            _tails = null;
        }
    }

    private void AddBlock(PackedFile file, int index, byte[] block, ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExcept((byte)0))
        {
            ArrayPool<byte>.Shared.Return(block);
            return;
        }

        _pipeline.Add(block, bytes.Length, (offset, sizeWord) => file.SetBlock(index, offset, sizeWord));
    }

    private void AddTail(PackedFile file, ReadOnlySpan<byte> tail)
    {
        if (tail.IsEmpty)
        {
            return;
        }

        if (_tailsLength + tail.Length > SquashFsConstants.BlockSize)
        {
            FlushTails();
        }

        if (_tails is null)
        {
            _tails = BlockPipeline.Rent();
            _fragments.Add(default);
        }

        file.SetTail(_firstFragment + _fragments.Count - 1, _tailsLength);
        tail.CopyTo(_tails.AsSpan(_tailsLength));
        _tailsLength += tail.Length;
    }

    private void FlushTails()
    {
        if (_tails is null)
        {
            return;
        }

        int index = _fragments.Count - 1;
        _pipeline.Add(
            _tails, _tailsLength, (offset, sizeWord) => _fragments[index] = new SquashFsFragment(offset, sizeWord));
        _tails = null;
        _tailsLength = 0;
    }
}
