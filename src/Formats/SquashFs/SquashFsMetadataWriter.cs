using System.Buffers;
using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>Collects a table of metadata: pieces of 8 KiB, each compressed and headed by its 16-bit length.</summary>
internal sealed class SquashFsMetadataWriter
{
    private readonly ArrayBufferWriter<byte> _stored = new();
    private readonly byte[] _block = new byte[SquashFsConstants.MetadataBlockSize];
    private readonly byte[] _zlib = new byte[SquashFsConstants.MetadataBlockSize + ZlibBlock.Overhead];
    private int _length;

    /// <summary>
    /// Where the next byte goes: the start of its block, stored, and its place in the block, uncompressed.
    /// </summary>
    public SquashFsMetadataPosition Position => new((uint)_stored.WrittenCount, (ushort)_length);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int part = Math.Min(bytes.Length, _block.Length - _length);
            bytes[..part].CopyTo(_block.AsSpan(_length));
            _length += part;
            bytes = bytes[part..];
            if (_length == _block.Length)
            {
                FlushBlock();
            }
        }
    }

    /// <summary>Writes the table to the output's position.</summary>
    public void CopyTo(Stream output)
    {
        FlushBlock();
        output.Write(_stored.WrittenSpan);
    }

    private void FlushBlock()
    {
        if (_length == 0)
        {
            return;
        }

        int zlibLength = ZlibBlock.Compress(_block.AsSpan(0, _length), _zlib);
        Span<byte> header = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(
            header, (ushort)(zlibLength < 0 ? _length | SquashFsConstants.UncompressedMetadata : zlibLength));
        _stored.Write(header);
        _stored.Write(zlibLength < 0 ? _block.AsSpan(0, _length) : _zlib.AsSpan(0, zlibLength));
        _length = 0;
    }
}
