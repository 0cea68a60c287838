// A pool and what it is made of, read together.
#pragma warning disable MA0048
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Images.NodeConfig.Kubernetes;

/// <summary>IPv4 addresses that lbs give to Services of type LoadBalancer: <c>node.lb.pool</c>.</summary>
public sealed record AddressPool
{
    /// <summary>Each is a line of machines' files, and a word in a rule of the API server.</summary>
    public const int MostAddresses = 256;

    /// <summary>No address: there are no such Services.</summary>
    public static AddressPool None { get; } = new();

    /// <summary>In the order of the text; none touches another.</summary>
    public IReadOnlyList<AddressRange> Ranges { get; init; } = [];

    public bool IsEmpty => Ranges.Count == 0;

    /// <summary>
    /// Lowest first. Those that end in 0 or 255 are left out: in a network of the usual size they are nobody's or
    /// everybody's.
    /// </summary>
    public IEnumerable<string> Addresses => Ranges
        .OrderBy(range => range.First)
        .SelectMany(range => range.Addresses)
        .Where(IsOfAMachine)
        .Select(AddressRange.TextOf);

    /// <summary>Whether it is one of <see cref="Addresses"/>, written as they are.</summary>
    public bool Contains(string address) =>
        AddressRange.NumberOf(address) is uint number && IsOfAMachine(number) && Contains(number);

    public bool Contains(IPAddress address) =>
        address is { AddressFamily: AddressFamily.InterNetwork }
            && Contains(BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()));

    private bool Contains(uint number) => Ranges.Any(range => range.First <= number && number <= range.Last);

    private static bool IsOfAMachine(uint number) => (number & 0xFF) is not 0 and not 0xFF;
}

/// <summary>Addresses from one to another, both included, as numbers.</summary>
public readonly record struct AddressRange(uint First, uint Last)
{
    private const int BitsOfAddress = 32;

    /// <summary>How many there are.</summary>
    public long Count => (long)Last - First + 1;

    /// <summary>Lowest first.</summary>
    public IEnumerable<uint> Addresses
    {
        get
        {
            for (long number = First; number <= Last; number++)
            {
                yield return (uint)number;
            }
        }
    }

    public bool Overlaps(AddressRange other) => First <= other.Last && other.First <= Last;

    /// <summary>
    /// Reads <c>10.0.0.7</c>, <c>10.0.0.64/28</c> or <c>10.0.0.64-10.0.0.79</c>. Null for anything else, also where the
    /// address before the slash is not the network's first, or the range runs backwards.
    /// </summary>
    public static AddressRange? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Split('-') is [string from, string to])
        {
            return NumberOf(from) is uint first && NumberOf(to) is uint last && first <= last
                ? new AddressRange(first, last)
                : null;
        }

        string[] parts = text.Split('/');
        if (NumberOf(parts[0]) is not uint start)
        {
            return null;
        }

        return parts switch
        {
            [_] => new AddressRange(start, start),
            [_, string length] when PrefixOf(length) is int bits => OfNetwork(start, bits),
            _ => null,
        };
    }

    public static string TextOf(uint number)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes).ToString();
    }

    /// <summary>Null unless it is an IPv4 address in the one form that it is printed in.</summary>
    public static uint? NumberOf(string text) =>
        IPAddress.TryParse(text, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetwork
            && address.ToString() == text
            ? BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes())
            : null;

    private static AddressRange? OfNetwork(uint start, int bits)
    {
        uint others = bits == BitsOfAddress ? 0 : uint.MaxValue >> bits;
        return (start & others) == 0 ? new AddressRange(start, start | others) : null;
    }

    private static int? PrefixOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
            && bits is >= 1 and <= BitsOfAddress
            && bits.ToString(CultureInfo.InvariantCulture) == text
            ? bits
            : null;
}
