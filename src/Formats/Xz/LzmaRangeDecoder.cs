using System.Runtime.CompilerServices;

namespace Images.Formats.Xz;

/// <summary>
/// The binary range decoder of LZMA over one whole chunk. Four fields and small inlined methods, so that the
/// just-in-time compiler keeps a local copy in registers. Branches on a decoded bit are mispredicted so often that
/// arithmetic with a mask is faster. Arithmetic wraps around on purpose.
/// </summary>
internal struct LzmaRangeDecoder
{
    /// <summary>A probability of one half.</summary>
    public const ushort EvenProbability = 1 << (ProbabilityBits - 1);

    private const int ProbabilityBits = 11;
    private const int MoveBits = 5;
    private const uint Top = 1u << 24;

    public uint Range;
    public uint Code;
    public int Position;
    public byte[] Input;

    /// <summary>Shifts in the next byte where the range has become small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Normalize()
    {
        unchecked
        {
            if (Range < Top)
            {
                Range <<= 8;
                Code = (Code << 8) | Input[Position++];
            }
        }
    }

    /// <summary>Decodes one bit whose value decides the caller's path.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Bit(ref ushort probability)
    {
        unchecked
        {
            Normalize();
            uint p = probability;
            uint bound = (Range >> ProbabilityBits) * p;
            if (Code < bound)
            {
                Range = bound;
                probability = (ushort)(p + (((1u << ProbabilityBits) - p) >> MoveBits));
                return false;
            }

            Range -= bound;
            Code -= bound;
            probability = (ushort)(p - (p >> MoveBits));
            return true;
        }
    }

    /// <summary>Decodes one bit without a branch: 0 for a set bit, all ones for a clear one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ClearMask(ref ushort probability)
    {
        unchecked
        {
            Normalize();
            int p = probability;
            uint bound = (Range >> ProbabilityBits) * (uint)p;
            uint clear = (uint)(((long)Code - bound) >> 63);
            uint rest = Range - bound;
            Range = rest + ((bound - rest) & clear);
            Code -= bound & ~clear;
            int target = (int)clear & ((1 << MoveBits) - 1 - (1 << ProbabilityBits));
            probability = (ushort)(p - ((p + target) >> MoveBits));
            return clear;
        }
    }

    /// <summary>Decodes one bit of even probability and appends it to the value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint DirectBit(uint value)
    {
        unchecked
        {
            Normalize();
            Range >>= 1;
            Code -= Range;
            uint clear = (uint)((int)Code >> 31);
            Code += Range & clear;
            return (value << 1) + 1 + clear;
        }
    }
}
