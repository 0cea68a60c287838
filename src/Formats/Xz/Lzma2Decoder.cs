namespace Images.Formats.Xz;

/// <summary>
/// Decodes the LZMA2 chunks of one block (xz file format §5.3.1; the chunk layout is that of the reference decoder).
/// </summary>
internal sealed class Lzma2Decoder : IDisposable
{
    private const int MaximumCompressedChunk = 64 << 10;

    private readonly XzInput _input;
    private readonly LzmaDecoder _lzma;
    private readonly byte[] _chunk;
    private bool _needsDictionaryReset = true;
    private bool _needsProperties = true;

    /// <param name="chunk">Room for one chunk; see <see cref="ChunkBufferSize"/>.</param>
    public Lzma2Decoder(XzInput input, int dictionarySize, byte[] chunk)
    {
        _input = input;
        Window = new LzmaWindow(dictionarySize);
        _lzma = new LzmaDecoder(Window);
        _chunk = chunk;
    }

    public static int ChunkBufferSize => MaximumCompressedChunk + LzmaDecoder.InputSlack;

    public LzmaWindow Window { get; }

    /// <summary>
    /// Decodes one chunk, at most 2 MiB, into the window, from which everything must have been taken; false at the
    /// block's end.
    /// </summary>
    public bool DecodeChunk()
    {
        byte control = _input.ReadByte();
        if (control == 0x00)
        {
            return false;
        }

        if (control is 0x01 or >= 0xE0)
        {
            Window.Reset();
            _lzma.ResetPosition();
            _needsDictionaryReset = false;
            _needsProperties |= control == 0x01;
        }

        if (control is > 0x02 and < 0x80 || _needsDictionaryReset)
        {
            throw _input.Malformed($"the LZMA2 control byte 0x{control:X2} is not allowed here");
        }

        if (control < 0x80)
        {
            CopyStoredChunk();
        }
        else
        {
            DecodeLzmaChunk(control);
        }

        return true;
    }

    public void Dispose() => Window.Dispose();

    private void CopyStoredChunk()
    {
        int size = ReadSize();
        Window.Reserve(size);
        _input.ReadExactly(Window.Bytes.AsSpan(Window.End, size));
        Window.End += size;
        _lzma.Advance(size);
    }

    private void DecodeLzmaChunk(byte control)
    {
        int size = ((control & 0x1F) << 16) + ReadSize();
        int compressedSize = ReadSize();
        if (control >= 0xC0)
        {
            if (!_lzma.SetProperties(_input.ReadByte()))
            {
                throw _input.Malformed("the LZMA properties lc, lp and pb are out of range");
            }

            _needsProperties = false;
        }
        else if (_needsProperties)
        {
            throw _input.Malformed("the first LZMA chunk after a dictionary reset brings no properties");
        }
        else if (control >= 0xA0)
        {
            _lzma.ResetState();
        }

        Window.Reserve(size);
        _input.ReadExactly(_chunk.AsSpan(0, compressedSize));
        if (!_lzma.Decode(_chunk, compressedSize, size))
        {
            throw _input.Malformed("the LZMA data of the chunk that ends here are corrupt");
        }
    }

    // 16 bits, big endian, less one
    private int ReadSize() => (_input.ReadByte() << 8) + _input.ReadByte() + 1;
}
