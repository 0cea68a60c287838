using System.Buffers.Binary;
using System.IO.Compression;
using Images.Formats.Xz;

namespace Images.Formats.Gzip;

/// <summary>
/// Decodes a .gz file of one member (RFC 1952) strictly. .NET's GZipStream takes a file that is cut off, or that ends
/// in garbage, for a whole one; here header and trailer are our own and only the deflate data are .NET's. Data are good
/// only once 0 was read. Leaves the input open.
/// </summary>
/// <exception cref="MalformedDataException">While reading: the bytes are not exactly one sound gzip member.</exception>
public sealed class GzipMemberStream : ReadOnlyStream
{
    private const int TrailerSize = 8;

    private readonly Stream _input;
    private readonly string _name;
    private GzipDeflateData? _data;
    private DeflateStream? _deflate;
    private uint _crc;
    private uint _size;
    private bool _ended;

    /// <param name="input">Seekable; the gzip data are all of it, from its beginning.</param>
    /// <param name="name">What the errors call the file.</param>
    public GzipMemberStream(Stream input, string name)
    {
        _input = input;
        _name = name;
    }

    protected override int TakeBytes(Span<byte> buffer)
    {
        if (buffer.IsEmpty || _ended)
        {
            return 0;
        }

        _deflate ??= BeginMember();
        int read = Inflate(buffer);
        if (read == 0)
        {
            EndMember();
            _ended = true;
        }

        _crc = Crc32.Append(_crc, buffer[..read]);
        _size = unchecked(_size + (uint)read);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _deflate?.Dispose();
            _data?.Dispose();
        }

        base.Dispose(disposing);
    }

    private DeflateStream BeginMember()
    {
        if (_input.Length < GzipHeader.MinimumSize + TrailerSize)
        {
            throw new MalformedDataException(_name, _input.Length, "the gzip data end early (truncated)");
        }

        _input.Position = 0;
        byte[] start = new byte[(int)Math.Min(GzipHeader.MaximumSize, _input.Length - TrailerSize)];
        _input.ReadExactly(start);
        int headerSize = GzipHeader.Measure(start, _name);

        _data = new GzipDeflateData(new StreamSection(_input, headerSize, _input.Length - TrailerSize - headerSize));
        return new DeflateStream(_data, CompressionMode.Decompress, leaveOpen: true);
    }

    private int Inflate(Span<byte> buffer)
    {
        try
        {
            return _deflate!.ReadAtLeast(buffer, 1, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw new MalformedDataException(_name, -1, "the deflate data are corrupt or end early (truncated)", e);
        }
    }

    private void EndMember()
    {
        Span<byte> trailer = stackalloc byte[TrailerSize];
        _input.Position = _input.Length - TrailerSize;
        _input.ReadExactly(trailer);
        if (!_data!.IsConsumed
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _crc
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != _size)
        {
            throw new MalformedDataException(
                _name,
                _input.Length - TrailerSize,
                "the gzip trailer's CRC32 or size does not match: truncated, corrupt, or followed by other data");
        }
    }
}
