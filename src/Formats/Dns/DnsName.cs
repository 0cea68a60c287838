using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Images.Formats.Dns;

/// <summary>
/// Names (RFC 1035 §3.1, §4.1.4). As text they are in lower case, without the dot at the end; the root is empty. A byte
/// that is no letter, digit, hyphen or underscore stands there as \DDD, so that no such name is ever a plain one.
/// </summary>
internal static class DnsName
{
    public const int LongestText = 253;

    /// <summary>What a fault of a message is said of.</summary>
    internal const string Place = "the message";

    private const int LongestLabel = 63;
    private const int LongestWire = 255;
    private const int Pointer = 0xC0;

    private static readonly SearchValues<char> _plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Whether it is a name of plain letters, in lower case, which maps to bytes one by one.</summary>
    public static bool IsPlain(string name)
    {
        if (name.Length is 0 or > LongestText)
        {
            return false;
        }

        foreach (Range range in name.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> label = name.AsSpan(range);
            if (label.Length is 0 or > LongestLabel || label.ContainsAnyExcept(_plain))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How many bytes <see cref="Write"/> makes.</summary>
    public static int WireLength(string name) => name.Length == 0 ? 1 : name.Length + 2;

    /// <summary>Writes a plain name, not compressed.</summary>
    /// <returns>Its length.</returns>
    public static int Write(string name, Span<byte> target)
    {
        int at = 0;
        foreach (Range range in name.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> label = name.AsSpan(range);
            if (label.Length > 0)
            {
                target[at] = (byte)label.Length;
                at += 1 + Encoding.ASCII.GetBytes(label, target[(at + 1)..]);
            }
        }

        target[at] = 0;
        return at + 1;
    }

    public static byte[] ToBytes(string name)
    {
        byte[] bytes = new byte[WireLength(name)];
        Write(name, bytes);
        return bytes;
    }

    /// <param name="message">The whole message, for pointers.</param>
    /// <param name="start">Where the name begins.</param>
    /// <param name="mayPoint">Whether it may be compressed: the question's own name has nothing to point to.</param>
    /// <param name="end">What follows it.</param>
    /// <exception cref="MalformedDataException">No name, or one that is too long or leads round in circles.</exception>
    public static string Read(ReadOnlySpan<byte> message, int start, bool mayPoint, out int end)
    {
        StringBuilder text = new(64);
        int at = start, run = start, length = 1;
        end = -1;
        while (true)
        {
            byte first = ByteAt(message, at);
            if (first == 0)
            {
                end = end < 0 ? at + 1 : end;
                return text.ToString();
            }

            if ((first & Pointer) == Pointer)
            {
                int target = ((first & ~Pointer) << 8) | ByteAt(message, at + 1);
                end = end < 0 ? at + 2 : end;
                // always further to the front than all that was read of the name, so it ends
                Require(mayPoint && target >= DnsHeader.Size && target < run, at, "a name points where none can be.");
                (at, run) = (target, target);
                continue;
            }

            Require(first <= LongestLabel, at, "a label is of a form that does not exist.");
            length += first + 1;
            Require(length <= LongestWire, at, "a name is longer than 255 bytes.");
            Require(at + 1 + first <= message.Length, at, "a label ends behind the message.");
            Append(text, message.Slice(at + 1, first));
            at += 1 + first;
        }
    }

    /// <summary>Where the name behind this place ends, without reading what it points to.</summary>
    /// <exception cref="MalformedDataException">No name.</exception>
    public static int Skip(ReadOnlySpan<byte> message, int at)
    {
        while (true)
        {
            byte first = ByteAt(message, at);
            switch (first & Pointer)
            {
                case Pointer:
                    ByteAt(message, at + 1);
                    return at + 2;
                case 0 when first == 0:
                    return at + 1;
                case 0:
                    at += 1 + first;
                    break;
                default:
                    throw new MalformedDataException(Place, at, "a label is of a form that does not exist.");
            }
        }
    }

    internal static ushort WordAt(ReadOnlySpan<byte> message, int at)
    {
        Require(at + 2 <= message.Length, at, "it ends in the middle of a number.");
        return BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
    }

    internal static void Require(bool holds, int at, string rule)
    {
        if (!holds)
        {
            throw new MalformedDataException(Place, at, rule);
        }
    }

    private static byte ByteAt(ReadOnlySpan<byte> message, int at)
    {
        Require(at < message.Length, at, "it ends in the middle of a name.");
        return message[at];
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> label)
    {
        if (text.Length > 0)
        {
            text.Append('.');
        }

        foreach (byte value in label)
        {
            char letter = char.ToLowerInvariant((char)value);
            if (value < 0x80 && _plain.Contains(letter))
            {
                text.Append(letter);
            }
            else
            {
                text.Append('\\').Append(value.ToString("D3", CultureInfo.InvariantCulture));
            }
        }
    }
}
