// A record and the types that there are, read together.
#pragma warning disable MA0048
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Net;
using System.Text;

namespace Images.Formats.Dns;

/// <summary>Types of records and of questions (RFC 1035 §3.2.2; RFC 3596, 2782, 6891).</summary>
internal enum DnsType : ushort
{
    None = 0,
    A = 1,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,

    /// <summary>What a message says of EDNS; no record of a zone.</summary>
    Opt = 41,

    /// <summary>Of questions only.</summary>
    Any = 255,
}

/// <summary>
/// A record of the class IN (RFC 1035 §3.2.1) without its owner; names in its data are not compressed.
/// </summary>
internal sealed record DnsRecord(DnsType Type, uint Ttl, byte[] Data)
{
    public static DnsRecord OfAddress(IPAddress address, uint ttl) => new(
        address.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa,
        ttl, address.GetAddressBytes());

    public static DnsRecord OfName(DnsType type, string name, uint ttl) => new(type, ttl, DnsName.ToBytes(name));

    /// <summary>RFC 2782.</summary>
    public static DnsRecord OfServer(ushort priority, ushort weight, ushort port, string target, uint ttl)
    {
        byte[] data = new byte[6 + DnsName.WireLength(target)];
        BinaryPrimitives.WriteUInt16BigEndian(data, priority);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), weight);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), port);
        DnsName.Write(target, data.AsSpan(6));
        return new DnsRecord(DnsType.Srv, ttl, data);
    }

    /// <param name="text">ASCII, at most 255 letters.</param>
    public static DnsRecord OfText(string text, uint ttl) =>
        new(DnsType.Txt, ttl, [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)]);

    /// <param name="server">The zone's name server.</param>
    /// <param name="person">Who answers for it, the @ a dot.</param>
    /// <param name="numbers">Serial, refresh, retry, expire and minimum (RFC 1035 §3.3.13).</param>
    /// <param name="ttl">Of the record.</param>
    public static DnsRecord OfAuthority(string server, string person, ReadOnlySpan<uint> numbers, uint ttl)
    {
        byte[] data = new byte[DnsName.WireLength(server) + DnsName.WireLength(person) + (4 * numbers.Length)];
        int at = DnsName.Write(server, data);
        at += DnsName.Write(person, data.AsSpan(at));
        foreach (uint number in numbers)
        {
            BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(at), number);
            at += 4;
        }

        return new DnsRecord(DnsType.Soa, ttl, data);
    }
}
