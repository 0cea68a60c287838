using System.Buffers.Binary;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Outputs;

/// <summary>
/// Writes what makes a new root, or a new kernel image, of an older one: copy these bytes, insert those. Two bakes copy
/// the same compressed blocks to other places, so what they share is long runs at any offset. They are found as rsync
/// finds them: the older image's blocks are known by a hash that rolls over the newer one byte by byte, and a match is
/// taken as far as it reaches. Both are held in memory; the node needs neither.
/// </summary>
internal static class DeltaWriter
{
    /// <summary>A run of twice this length is always found.</summary>
    private const int AnchorBytes = 2048;

    private const uint Multiplier = 0x9E37_79B1;

    /// <returns>The instructions.</returns>
    public static byte[] Write(ReadOnlyMemory<byte> old, ReadOnlyMemory<byte> made)
    {
        using MemoryStream output = new();
        Dictionary<uint, int> anchors = AnchorsOf(old.Span);
        uint drop = Power(AnchorBytes - 1);
        ReadOnlySpan<byte> older = old.Span, newer = made.Span;
        int begun = 0, at = 0;
        uint hash = 0;
        bool isHashed = false;
        while (at <= newer.Length - AnchorBytes)
        {
            hash = isHashed ? hash : HashOf(newer.Slice(at, AnchorBytes));
            isHashed = true;
            if (anchors.TryGetValue(hash, out int found)
                && newer.Slice(at, AnchorBytes).SequenceEqual(older.Slice(found, AnchorBytes)))
            {
                int before = SameBefore(older[..found], newer[begun..at]);
                int length = before + newer[at..].CommonPrefixLength(older[found..]);
                Insert(newer[begun..(at - before)], output);
                Copy(found - before, length, output);
                begun = at = at - before + length;
                isHashed = false;
            }
            else
            {
                at++;
                if (at <= newer.Length - AnchorBytes)
                {
                    hash = unchecked(((hash - (newer[at - 1] * drop)) * Multiplier) + newer[at + AnchorBytes - 1]);
                }
            }
        }

        Insert(newer[begun..], output);
        output.WriteByte((byte)DeltaInstruction.End);
        return output.ToArray();
    }

    /// <summary>Of equal blocks the first one, so that the same roots give the same instructions.</summary>
    private static Dictionary<uint, int> AnchorsOf(ReadOnlySpan<byte> old)
    {
        Dictionary<uint, int> anchors = new(old.Length / AnchorBytes);
        for (int at = 0; at <= old.Length - AnchorBytes; at += AnchorBytes)
        {
            anchors.TryAdd(HashOf(old.Slice(at, AnchorBytes)), at);
        }

        return anchors;
    }

    private static int SameBefore(ReadOnlySpan<byte> old, ReadOnlySpan<byte> made)
    {
        int count = 0;
        while (count < Math.Min(old.Length, made.Length) && old[^(count + 1)] == made[^(count + 1)])
        {
            count++;
        }

        return count;
    }

    private static void Copy(long offset, long length, Stream output)
    {
        Span<byte> instruction = stackalloc byte[1 + (2 * sizeof(long))];
        instruction[0] = (byte)DeltaInstruction.Copy;
        BinaryPrimitives.WriteInt64LittleEndian(instruction[1..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(instruction[9..], length);
        output.Write(instruction);
    }

    private static void Insert(ReadOnlySpan<byte> bytes, Stream output)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        Span<byte> instruction = stackalloc byte[1 + sizeof(long)];
        instruction[0] = (byte)DeltaInstruction.Insert;
        BinaryPrimitives.WriteInt64LittleEndian(instruction[1..], bytes.Length);
        output.Write(instruction);
        output.Write(bytes);
    }

    private static uint HashOf(ReadOnlySpan<byte> block)
    {
        uint hash = 0;
        foreach (byte value in block)
        {
            hash = unchecked((hash * Multiplier) + value);
        }

        return hash;
    }

    private static uint Power(int exponent)
    {
        uint power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power = unchecked(power * Multiplier);
        }

        return power;
    }
}
