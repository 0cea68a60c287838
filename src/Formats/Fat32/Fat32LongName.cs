using System.Buffers.Binary;
using System.Text;

namespace Images.Formats.Fat32;

/// <summary>
/// Long names: a row of entries before the short one, last piece first, 13 UTF-16 code units each, ended by 0x0000 and
/// filled up with 0xFFFF, bound to the short name by a checksum.
/// </summary>
internal static class Fat32LongName
{
    public const int MaximumLength = 255;

    private const int UnitsPerEntry = 13;

    private const byte LastEntry = 0x40;

    private static readonly int[] _unitOffsets = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

    public static int EntryCount(string name) => (name.Length + UnitsPerEntry - 1) / UnitsPerEntry;

    public static byte Checksum(ReadOnlySpan<byte> shortName)
    {
        int sum = 0;
        foreach (byte value in shortName[..11])
        {
            sum = (((sum & 1) << 7) + (sum >> 1) + value) & 0xFF;
        }

        return (byte)sum;
    }

    /// <param name="name">The long name.</param>
    /// <param name="shortName">The 11 characters it belongs to.</param>
    /// <param name="entries">Room for <see cref="EntryCount"/> entries of 32 bytes.</param>
    public static void Write(string name, string shortName, Span<byte> entries)
    {
        int count = EntryCount(name);
        byte checksum = Checksum(Encoding.ASCII.GetBytes(shortName));
        for (int piece = 0; piece < count; piece++)
        {
            Span<byte> entry = entries.Slice((count - 1 - piece) * Fat32DirectoryEntry.Size, Fat32DirectoryEntry.Size);
            entry.Clear();
            entry[0] = (byte)((piece + 1) | (piece == count - 1 ? LastEntry : 0));
            entry[11] = (byte)Fat32Attributes.LongName;
            entry[13] = checksum;
            for (int i = 0; i < UnitsPerEntry; i++)
            {
                int unit = (piece * UnitsPerEntry) + i;
                ushort value = unit < name.Length ? name[unit] : unit == name.Length ? (ushort)0x0000 : (ushort)0xFFFF;
                BinaryPrimitives.WriteUInt16LittleEndian(entry[_unitOffsets[i]..], value);
            }
        }
    }

    /// <summary>
    /// The name that the row of entries spells, or nothing where the row breaks a rule or belongs to another short
    /// name.
    /// </summary>
    /// <param name="entries">The row as it stands on disk.</param>
    /// <param name="shortName">The 11 bytes of the short entry behind the row.</param>
    public static string? Read(ReadOnlySpan<byte> entries, ReadOnlySpan<byte> shortName)
    {
        int count = entries.Length / Fat32DirectoryEntry.Size;
        byte checksum = Checksum(shortName);
        StringBuilder name = new();
        bool ended = false;
        for (int piece = 0; piece < count; piece++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(
                (count - 1 - piece) * Fat32DirectoryEntry.Size, Fat32DirectoryEntry.Size);
            if (entry[0] != ((piece + 1) | (piece == count - 1 ? LastEntry : 0))
                || entry[13] != checksum
                || entry[12] != 0
                || entry[26] != 0
                || entry[27] != 0)
            {
                return null;
            }

            foreach (int offset in _unitOffsets)
            {
                ushort value = BinaryPrimitives.ReadUInt16LittleEndian(entry[offset..]);
                if (ended ? value != 0xFFFF : value == 0xFFFF)
                {
                    return null;
                }

                ended |= value == 0;
                if (!ended)
                {
                    name.Append((char)value);
                }
            }
        }

        return name.Length is > 0 and <= MaximumLength && EntryCount(name.ToString()) == count ? name.ToString() : null;
    }
}
