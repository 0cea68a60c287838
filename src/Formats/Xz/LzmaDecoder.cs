namespace Images.Formats.Xz;

/// <summary>
/// Decodes LZMA symbols into the window, one whole chunk a call. The state that survives a chunk lives in fields; the
/// loop works on local copies.
/// </summary>
internal sealed class LzmaDecoder(LzmaWindow window)
{
    /// <summary>Bytes which the input needs behind a chunk: no symbol takes more.</summary>
    public const int InputSlack = 64;

    private const int States = 12;
    private const int MaximumPositionStates = 16;
    private const int FirstLongSlot = 14;
    private const int AlignBits = 4;
    private const int MinimumMatch = 2;

    // one flat table: the offsets of its parts
    private const int IsMatch = 0;
    private const int IsRep = IsMatch + (States * MaximumPositionStates);
    private const int IsRepG0 = IsRep + States;
    private const int IsRepG1 = IsRepG0 + States;
    private const int IsRepG2 = IsRepG1 + States;
    private const int IsRep0Long = IsRepG2 + States;
    private const int Slot = IsRep0Long + (States * MaximumPositionStates);
    private const int Special = Slot + (4 * 64);
    private const int Align = Special + 128;
    private const int MatchLength = Align + (1 << AlignBits);
    private const int RepLength = MatchLength + LengthSize;
    private const int Literal = RepLength + LengthSize;
    private const int LiteralCoderSize = 0x300;
    private const int MaximumLiteralBits = 4;
    private const int ProbabilityCount = Literal + (LiteralCoderSize << MaximumLiteralBits);

    // parts of a length coder
    private const int LengthLow = 2;
    private const int LengthMiddle = LengthLow + (MaximumPositionStates * 8);
    private const int LengthHigh = LengthMiddle + (MaximumPositionStates * 8);
    private const int LengthSize = LengthHigh + 256;

    private readonly ushort[] _probabilities = new ushort[ProbabilityCount];
    private int _literalContextBits;
    private int _literalPositionMask;
    private int _positionMask;
    private uint _state;
    private uint _rep0;
    private uint _rep1;
    private uint _rep2;
    private uint _rep3;
    private uint _position;

    /// <summary>
    /// Sets lc, lp and pb from their byte and resets the state; false where the byte is not allowed in LZMA2.
    /// </summary>
    public bool SetProperties(byte properties)
    {
        int lc = properties % 9, lp = properties / 9 % 5, pb = properties / 45;
        if (pb > 4 || lc + lp > MaximumLiteralBits)
        {
            return false;
        }

        _literalContextBits = lc;
        _literalPositionMask = (1 << lp) - 1;
        _positionMask = (1 << pb) - 1;
        ResetState();
        return true;
    }

    public void ResetState()
    {
        _probabilities.AsSpan(0, Literal + (LiteralCoderSize * (_literalPositionMask + 1) << _literalContextBits)).Fill(
            LzmaRangeDecoder.EvenProbability);
        _state = 0;
        _rep0 = _rep1 = _rep2 = _rep3 = 0;
    }

    /// <summary>
    /// Begins counting positions (of which the low bits choose contexts) anew, as a dictionary reset does.
    /// </summary>
    public void ResetPosition() => _position = 0;

    /// <summary>Counts bytes that were stored uncompressed between two chunks.</summary>
    public void Advance(int count) => _position = unchecked(_position + (uint)count);

    /// <summary>
    /// Decodes exactly <paramref name="count"/> bytes from input[0..inputLength], for which the window has room. False
    /// where the data are corrupt.
    /// </summary>
    public bool Decode(byte[] input, int inputLength, int count)
    {
        unchecked
        {
            // xz file format leaves LZMA to its reference decoder: a first byte of 0, then 32 bits of code
            LzmaRangeDecoder coder = new()
            {
                Range = uint.MaxValue,
                Code = ((uint)input[1] << 24) | ((uint)input[2] << 16) | ((uint)input[3] << 8) | input[4],
                Position = 5,
                Input = input,
            };
            if (inputLength < 5 || input[0] != 0 || !DecodeSymbols(ref coder, inputLength, count))
            {
                return false;
            }

            coder.Normalize();
            _position += (uint)count;
            return coder.Position == inputLength && coder.Code == 0;
        }
    }

    private bool DecodeSymbols(ref LzmaRangeDecoder shared, int inputLength, int count)
    {
        unchecked
        {
            LzmaRangeDecoder coder = shared;
            ushort[] probabilities = _probabilities;
            byte[] bytes = window.Bytes;
            int end = window.End;
            int limit = end + count;
            int start = window.Start;
            uint dictionarySize = (uint)window.DictionarySize;

            // position = end + positionOffset
            uint positionOffset = _position - (uint)end;
            uint positionMask = (uint)_positionMask;
            uint state = _state, rep0 = _rep0;
            bool sound = true;

            while (end < limit && coder.Position <= inputLength)
            {
                uint positionState = ((uint)end + positionOffset) & positionMask;
                if (!coder.Bit(ref probabilities[IsMatch + (state << 4) + positionState]))
                {
                    uint previous = end > start ? bytes[end - 1] : 0u;
                    uint context = ((((uint)end + positionOffset) & (uint)_literalPositionMask) << _literalContextBits)
                        + (previous >> (8 - _literalContextBits));
                    uint literal = Literal + (LiteralCoderSize * context);
                    uint symbol = 1;
                    if (state >= 7)
                    {
                        if (rep0 >= (uint)(end - start))
                        {
                            sound = false;
                            break;
                        }

                        uint match = bytes[end - (int)rep0 - 1];
                        uint offset = 0x100;
                        do
                        {
                            match <<= 1;
                            uint matchBit = match & offset;
                            uint clear = coder.ClearMask(ref probabilities[literal + offset + matchBit + symbol]);
                            symbol = (symbol << 1) + 1 + clear;
                            offset &= matchBit ^ clear;
                        }
                        while (symbol < 0x100);
                        state = state < 10 ? state - 3 : state - 6;
                    }
                    else
                    {
                        do
                        {
                            symbol = (symbol << 1) + 1 + coder.ClearMask(ref probabilities[literal + symbol]);
                        }
                        while (symbol < 0x100);
                        state = state < 4 ? 0 : state - 3;
                    }

                    bytes[end++] = (byte)symbol;
                    continue;
                }

                uint length;
                if (!coder.Bit(ref probabilities[IsRep + state]))
                {
                    _rep3 = _rep2;
                    _rep2 = _rep1;
                    _rep1 = rep0;
                    state = state < 7 ? 7u : 10u;
                    LzmaRangeDecoder rest = coder;
                    length = DecodeLength(ref rest, probabilities, MatchLength, positionState);
                    rep0 = DecodeDistance(ref rest, probabilities, length);
                    coder = rest;
                }
                else
                {
                    if (!coder.Bit(ref probabilities[IsRepG0 + state]))
                    {
                        if (!coder.Bit(ref probabilities[IsRep0Long + (state << 4) + positionState]))
                        {
                            if (rep0 >= (uint)(end - start))
                            {
                                sound = false;
                                break;
                            }

                            bytes[end] = bytes[end - (int)rep0 - 1];
                            end++;
                            state = state < 7 ? 9u : 11u;
                            continue;
                        }
                    }
                    else
                    {
                        uint distance;
                        if (!coder.Bit(ref probabilities[IsRepG1 + state]))
                        {
                            distance = _rep1;
                        }
                        else
                        {
                            if (!coder.Bit(ref probabilities[IsRepG2 + state]))
                            {
                                distance = _rep2;
                            }
                            else
                            {
                                distance = _rep3;
                                _rep3 = _rep2;
                            }

                            _rep2 = _rep1;
                        }

                        _rep1 = rep0;
                        rep0 = distance;
                    }

                    state = state < 7 ? 8u : 11u;
                    LzmaRangeDecoder rest = coder;
                    length = DecodeLength(ref rest, probabilities, RepLength, positionState);
                    coder = rest;
                }

                length += MinimumMatch;
                if (rep0 >= (uint)(end - start) || rep0 >= dictionarySize || length > (uint)(limit - end))
                {
                    sound = false;
                    break;
                }

                CopyMatch(bytes, end, (int)rep0 + 1, (int)length);
                end += (int)length;
            }

            shared = coder;
            window.End = end;
            _state = state;
            _rep0 = rep0;
            return sound && end == limit && coder.Position <= inputLength;
        }
    }

    private static void CopyMatch(byte[] bytes, int end, int distance, int length)
    {
        if (distance >= length)
        {
            bytes.AsSpan(end - distance, length).CopyTo(bytes.AsSpan(end));
        }
        else if (distance == 1)
        {
            bytes.AsSpan(end, length).Fill(bytes[end - 1]);
        }
        else
        {
            // the source overlaps what is being written: a pattern repeats
            for (int i = end; i < end + length; i++)
            {
                bytes[i] = bytes[i - distance];
            }
        }
    }

    private static uint DecodeLength(
        ref LzmaRangeDecoder shared, ushort[] probabilities, uint coderOffset, uint positionState)
    {
        unchecked
        {
            LzmaRangeDecoder coder = shared;
            uint tree, first, symbolLimit;
            if (!coder.Bit(ref probabilities[coderOffset]))
            {
                (tree, first, symbolLimit) = (coderOffset + LengthLow + (positionState << 3), 0, 8);
            }
            else if (!coder.Bit(ref probabilities[coderOffset + 1]))
            {
                (tree, first, symbolLimit) = (coderOffset + LengthMiddle + (positionState << 3), 8, 8);
            }
            else
            {
                (tree, first, symbolLimit) = (coderOffset + LengthHigh, 16, 256);
            }

            uint symbol = 1;
            do
            {
                symbol = (symbol << 1) + 1 + coder.ClearMask(ref probabilities[tree + symbol]);
            }
            while (symbol < symbolLimit);
            shared = coder;
            return symbol - symbolLimit + first;
        }
    }

    private static uint DecodeDistance(ref LzmaRangeDecoder shared, ushort[] probabilities, uint length)
    {
        unchecked
        {
            LzmaRangeDecoder coder = shared;
            uint tree = Slot + (Math.Min(length, 3u) << 6);
            uint slot = 1;
            do
            {
                slot = (slot << 1) + 1 + coder.ClearMask(ref probabilities[tree + slot]);
            }
            while (slot < 64);
            slot -= 64;
            if (slot < 4)
            {
                shared = coder;
                return slot;
            }

            int bits = (int)(slot >> 1) - 1;
            uint distance = 2 | (slot & 1);
            if (slot < FirstLongSlot)
            {
                distance <<= bits;
                tree = Special + distance - slot - 1;
            }
            else
            {
                for (; bits > AlignBits; bits--)
                {
                    distance = coder.DirectBit(distance);
                }

                distance <<= AlignBits;
                tree = Align;
            }

            uint symbol = 1;
            for (int i = 0; i < bits; i++)
            {
                uint bit = 1 + coder.ClearMask(ref probabilities[tree + symbol]);
                symbol = (symbol << 1) + bit;
                distance += bit << i;
            }

            shared = coder;
            return distance;
        }
    }
}
