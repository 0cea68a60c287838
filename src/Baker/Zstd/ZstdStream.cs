using System.Buffers.Binary;
using Images.Formats;
using SharpCompress.Compressors.ZStandard;
using SharpCompress.Compressors.ZStandard.Unsafe;

namespace Images.Baker.Zstd;

/// <summary>
/// Decodes a .zst file (RFC 8878) while it is read: all its frames, those to be skipped left out. Frames and blocks are
/// found here, and what they may ask for is bounded here; what lies in a block is SharpCompress's. Data are good only
/// once 0 was read. Leaves the input open.
/// </summary>
/// <exception cref="MalformedDataException">While reading: the bytes are not whole, sound zstd frames.</exception>
internal sealed class ZstdStream : ReadOnlyStream
{
    /// <summary>A member of an ar archive, which a package is, has a size of at most ten digits.</summary>
    public const long MaximumSize = 8L << 30;

    private const uint SkippableMagic = 0x184D2A50;
    private const int LargestWindowLog = 27;

    private readonly ZstdInput _input;
    private ZstdFrameHeader? _header;
    private ZstdFrameData? _data;
    private DecompressionStream? _frame;
    private long _frameSize;
    private long _size;
    private bool _ended;

    /// <param name="input">Read to its end; need not be seekable.</param>
    /// <param name="name">What the errors call the file.</param>
    public ZstdStream(Stream input, string name) => _input = new ZstdInput(input, name);

    protected override int TakeBytes(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && !_ended)
        {
            if (_frame is null)
            {
                _ended = !BeginFrame();
            }
            else if (Decode(buffer) is int count and > 0)
            {
                Count(count);
                return count;
            }
            else
            {
                EndFrame();
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CloseFrame();
        }

        base.Dispose(disposing);
    }

    /// <returns>False at the end of the data.</returns>
    private bool BeginFrame()
    {
        Span<byte> field = stackalloc byte[4];
        while (_input.TryReadExactly(field))
        {
            uint magic = BinaryPrimitives.ReadUInt32LittleEndian(field);
            if (magic == ZstdFrameHeader.Magic)
            {
                _header = ZstdFrameHeader.Read(_input);
                _data = new ZstdFrameData(_input, _header);
                _frame = new DecompressionStream(_data, leaveOpen: true);
                _frame.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, LargestWindowLog);
                _frameSize = 0;
                return true;
            }

            if ((magic & 0xFFFFFFF0) != SkippableMagic)
            {
                throw _input.Malformed("no zstd frame begins here");
            }

            _input.ReadExactly(field);
            _input.Skip(BinaryPrimitives.ReadUInt32LittleEndian(field));
        }

        return _header is not null ? false : throw _input.Malformed("it holds no zstd frame");
    }

    private int Decode(Span<byte> buffer)
    {
        try
        {
            return _frame!.ReadAtLeast(buffer, 1, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw _input.Malformed($"the zstd data are corrupt ({e.Message})", e);
        }
    }

    private void Count(int count)
    {
        _frameSize += count;
        _size += count;
        if (_size > MaximumSize)
        {
            throw _input.Malformed($"the data unpack to more than {MaximumSize} bytes");
        }
    }

    private void EndFrame()
    {
        if (!_data!.IsConsumed || (_header!.ContentSize ?? _frameSize) != _frameSize)
        {
            throw _input.Malformed("a frame holds more or less than its header says");
        }

        CloseFrame();
    }

    private void CloseFrame()
    {
        _frame?.Dispose();
        _data?.Dispose();
        (_frame, _data) = (null, null);
    }
}
