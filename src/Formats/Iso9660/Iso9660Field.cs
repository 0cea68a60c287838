using System.Buffers.Binary;
using System.Text;

namespace Images.Formats.Iso9660;

/// <summary>
/// The field kinds of ECMA-119 chapters 7 and 8: numbers in both byte orders, padded text, the two date forms.
/// </summary>
internal static class Iso9660Field
{
    public const int ShortDateSize = 7;

    /// <summary>ECMA-119 7.2.3: little-endian, then big-endian.</summary>
    public static void WriteBoth16(Span<byte> field, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(field, value);
        BinaryPrimitives.WriteUInt16BigEndian(field[2..], value);
    }

    /// <summary>ECMA-119 7.3.3: little-endian, then big-endian.</summary>
    public static void WriteBoth32(Span<byte> field, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(field, value);
        BinaryPrimitives.WriteUInt32BigEndian(field[4..], value);
    }

    /// <summary>Filled up with blanks: one byte each, or UCS-2 in big-endian order for Joliet.</summary>
    public static void WriteText(Span<byte> field, string text, bool joliet)
    {
        if (joliet)
        {
            field.Clear(); // a field of odd length ends in a zero
            Encoding.BigEndianUnicode.GetBytes(text.PadRight(field.Length / 2), field);
        }
        else
        {
            Encoding.ASCII.GetBytes(text.PadRight(field.Length), field);
        }
    }

    /// <summary>ECMA-119 9.1.5, UTC. Years before 1900 and after 2155 become those.</summary>
    public static void WriteShortDate(Span<byte> field, long unixSeconds)
    {
        DateTimeOffset time = Within(unixSeconds, 1900, 2155);
        field[0] = (byte)(time.Year - 1900);
        field[1] = (byte)time.Month;
        field[2] = (byte)time.Day;
        field[3] = (byte)time.Hour;
        field[4] = (byte)time.Minute;
        field[5] = (byte)time.Second;
        field[6] = 0; // quarters of an hour from UTC
    }

    /// <summary>ECMA-119 8.4.26.1, UTC.</summary>
    public static void WriteLongDate(Span<byte> field, long unixSeconds)
    {
        Encoding.ASCII.GetBytes($"{Within(unixSeconds, 1, 9999):yyyyMMddHHmmss}00", field);
        field[16] = 0;
    }

    /// <summary>"Not specified".</summary>
    public static void WriteNoDate(Span<byte> field)
    {
        field[..16].Fill((byte)'0');
        field[16] = 0;
    }

    private static DateTimeOffset Within(long unixSeconds, int firstYear, int lastYear)
    {
        long first = new DateTimeOffset(firstYear, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        long last = new DateTimeOffset(lastYear, 12, 31, 23, 59, 59, TimeSpan.Zero).ToUnixTimeSeconds();
        return DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(unixSeconds, first, last));
    }
}
