using Images.Formats;

namespace Images.Baker.Zstd;

/// <summary>
/// The bytes of one frame and no byte more, handed to a decoder: block by block (RFC 8878, section 3.1.1.2), so that
/// where the frame ends is known without believing the decoder.
/// </summary>
/// <exception cref="MalformedDataException">
/// While reading: the data end early, or a block is of no kind or too large.
/// </exception>
internal sealed class ZstdFrameData : ReadOnlyStream
{
    private const int BlockHeaderSize = 3;
    private const int ChecksumSize = 4;

    private readonly ZstdInput _input;
    private readonly ZstdFrameHeader _header;
    private readonly byte[] _field = new byte[BlockHeaderSize];
    private ReadOnlyMemory<byte> _pending;
    private long _left;
    private bool _isLast;

    public ZstdFrameData(ZstdInput input, ZstdFrameHeader header)
    {
        _input = input;
        _header = header;
        _pending = header.Bytes;
    }

    /// <summary>Whether all of the frame was handed out.</summary>
    public bool IsConsumed => _isLast && _left == 0 && _pending.IsEmpty;

    protected override int TakeBytes(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (_pending.IsEmpty && _left == 0)
        {
            if (_isLast)
            {
                return 0;
            }

            BeginBlock();
        }

        if (!_pending.IsEmpty)
        {
            int count = Math.Min(buffer.Length, _pending.Length);
            _pending.Span[..count].CopyTo(buffer);
            _pending = _pending[count..];
            return count;
        }

        int read = _input.ReadSome(buffer[..(int)Math.Min(buffer.Length, _left)]);
        _left -= read;
        return read;
    }

    private void BeginBlock()
    {
        _input.ReadExactly(_field);
        int header = _field[0] | (_field[1] << 8) | (_field[2] << 16);
        int size = header >> 3;
        _isLast = (header & 1) != 0;
        if (size > _header.MaximumBlock)
        {
            throw _input.Malformed($"a block has {size} bytes; at most {_header.MaximumBlock} are allowed here");
        }

        // raw, one byte repeated, compressed
        _left = ((header >> 1) & 3) switch
        {
            1 => 1,
            0 or 2 => size,
            _ => throw _input.Malformed("a block is of the kind that is reserved"),
        };
        _left += _isLast && _header.HasChecksum ? ChecksumSize : 0;
        _pending = _field;
    }
}
