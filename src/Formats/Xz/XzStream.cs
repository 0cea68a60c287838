using System.Buffers;

namespace Images.Formats.Xz;

/// <summary>
/// Decodes an .xz file while it is read: all its streams, padding included. Everything the format can check is checked
/// (header CRCs, the blocks' integrity checks and sizes, the index, the footers), so data are good only once the end
/// was reached: read until 0 is returned. LZMA2 only; a dictionary of at most 256 MiB. Leaves the input open.
/// </summary>
/// <exception cref="MalformedDataException">While reading: the bytes are not a whole, sound .xz file.</exception>
public sealed class XzStream : ReadOnlyStream
{
    private const int StreamAlignment = 4;

    private readonly XzInput _input;
    private readonly byte[] _chunk = ArrayPool<byte>.Shared.Rent(Lzma2Decoder.ChunkBufferSize);
    private XzIndex _index = new();
    private XzCheck _checkKind;
    private XzCheckState? _check;
    private Lzma2Decoder? _block;
    private XzBlockHeader _header;
    private long _blockStart;
    private long _blockSize;
    private bool _ended;
    private bool _disposed;

    /// <param name="input">Read to its end; need not be seekable.</param>
    /// <param name="name">What the errors call the file.</param>
    public XzStream(Stream input, string name) => _input = new XzInput(input, name);

    public override bool CanRead => !_disposed;

    protected override int TakeBytes(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (_block is null || _block.Window.Unread.IsEmpty)
        {
            if (!Advance())
            {
                return 0;
            }
        }

        ReadOnlySpan<byte> unread = _block.Window.Unread;
        int count = Math.Min(buffer.Length, unread.Length);
        unread[..count].CopyTo(buffer);
        _block.Window.Take(count);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _block?.Dispose();
            _check?.Dispose();
            _input.Dispose();
            ArrayPool<byte>.Shared.Return(_chunk);
        }

        base.Dispose(disposing);
    }

    // one step of the format: a stream's header, a block's header, a chunk, a block's end, or a stream's end
    private bool Advance()
    {
        if (_ended)
        {
            return false;
        }

        if (_check is null)
        {
            BeginStream();
        }
        else if (_block is not null)
        {
            DecodeChunk();
        }
        else if (_input.ReadByte() is > 0 and byte headerSize)
        {
            BeginBlock(headerSize);
        }
        else
        {
            EndStream();
        }

        return true;
    }

    private void BeginStream()
    {
        _checkKind = XzStreamFlags.ReadHeader(_input);
        _check = new XzCheckState(_checkKind);
        _index = new XzIndex();
    }

    private void BeginBlock(byte headerSize)
    {
        long start = _input.Position - 1;
        _header = XzBlockHeader.Read(_input, headerSize);
        _blockStart = start;
        _blockSize = 0;
        _block = new Lzma2Decoder(_input, _header.DictionarySize, _chunk);
    }

    private void DecodeChunk()
    {
        if (!_block!.DecodeChunk())
        {
            EndBlock();
            return;
        }

        _blockSize += _block.Window.Unread.Length;
        _check!.Append(_block.Window.Unread);
    }

    private void EndBlock()
    {
        _block!.Dispose();
        _block = null;
        long compressedSize = _input.Position - _blockStart - _header.HeaderSize;
        if ((_header.CompressedSize ?? compressedSize) != compressedSize
            || (_header.UncompressedSize ?? _blockSize) != _blockSize)
        {
            throw _input.Malformed("the block's sizes are not those that its header says");
        }

        _input.ReadPadding(compressedSize);
        Span<byte> stored =
            stackalloc byte[XzCheckState.MaximumSize], computed = stackalloc byte[XzCheckState.MaximumSize];
        int checkSize = _check!.Size;
        _input.ReadExactly(stored[..checkSize]);
        _check.Finish(computed);
        if (!stored[..checkSize].SequenceEqual(computed[..checkSize]))
        {
            throw _input.Malformed($"the block's {_checkKind} check does not match");
        }

        _index.Add(_header.HeaderSize + compressedSize + checkSize, _blockSize);
    }

    private void EndStream()
    {
        long indexSize = _index.ReadAndVerify(_input);
        XzStreamFlags.ReadFooter(_input, _checkKind, indexSize);
        _check!.Dispose();
        _check = null;

        // another stream may follow, after padding of zeros in fours
        int padding = 0;
        while (!_input.AtEnd && _input.PeekByte() == 0)
        {
            _input.ReadByte();
            padding = (padding + 1) % StreamAlignment;
        }

        if (padding != 0)
        {
            throw _input.Malformed("the padding after a stream is no multiple of four bytes");
        }

        _ended = _input.AtEnd;
    }
}
