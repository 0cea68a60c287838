using System.Buffers;

namespace Images.Formats.SquashFs;

/// <summary>
/// Compresses blocks on several threads and writes them in the order they came. At most two blocks a thread are
/// under way, so memory is bounded and the output depends on nothing but the input.
/// </summary>
internal sealed class BlockPipeline : IDisposable
{
    private readonly Stream _output;
    private readonly long _origin;
    private readonly int _workerCount;
    private readonly Queue<(Task<Compressed> Task, Action<long, uint> Stored)> _underWay = new();

    /// <param name="output">Blocks are written at its position.</param>
    /// <param name="origin">The position that offsets count from.</param>
    /// <param name="workerCount">One compresses on the calling thread.</param>
    public BlockPipeline(Stream output, long origin, int workerCount)
    {
        _output = output;
        _origin = origin;
        _workerCount = workerCount;
    }

    public static byte[] Rent() => ArrayPool<byte>.Shared.Rent(SquashFsConstants.BlockSize);

    /// <summary>
    /// Takes over a rented buffer. <paramref name="stored"/> learns the offset and the size word once written.
    /// </summary>
    public void Add(byte[] block, int length, Action<long, uint> stored)
    {
        _underWay.Enqueue(_workerCount == 1
            ? (Task.FromResult(Compress(block, length)), stored)
            : (Task.Run(() => Compress(block, length)), stored));
        while (_underWay.Count >= 2 * _workerCount)
        {
            WriteNext();
        }
    }

    /// <summary>Writes what is still under way.</summary>
    public void Complete()
    {
        while (_underWay.Count > 0)
        {
            WriteNext();
        }
    }

    public void Dispose()
    {
        // after a failure elsewhere: the tasks hold rented buffers, nothing else
        _underWay.Clear();
    }

    private void WriteNext()
    {
        (Task<Compressed> task, Action<long, uint> stored) = _underWay.Dequeue();
        Compressed block = task.GetAwaiter().GetResult();
        long offset = _output.Position - _origin;
        if (block.ZlibLength < 0)
        {
            _output.Write(block.Raw, 0, block.RawLength);
            stored(offset, (uint)block.RawLength | SquashFsConstants.UncompressedBlock);
        }
        else
        {
            _output.Write(block.Zlib, 0, block.ZlibLength);
            stored(offset, (uint)block.ZlibLength);
        }

        ArrayPool<byte>.Shared.Return(block.Raw);
        ArrayPool<byte>.Shared.Return(block.Zlib);
    }

    private static Compressed Compress(byte[] raw, int length)
    {
        byte[] zlib = ArrayPool<byte>.Shared.Rent(SquashFsConstants.BlockSize + ZlibBlock.Overhead);
        return new Compressed(raw, length, zlib, ZlibBlock.Compress(raw.AsSpan(0, length), zlib));
    }

    private sealed record Compressed(byte[] Raw, int RawLength, byte[] Zlib, int ZlibLength);
}
