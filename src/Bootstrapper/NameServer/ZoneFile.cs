using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Images.Formats;
using Images.Formats.Dns;

namespace Images.Bootstrapper.NameServer;

/// <summary>
/// Zones as text, in a part of the form of RFC 1035 §5 that BIND's tools read as well: a line a record, all names
/// whole and with their dot, a TTL, IN, one blank between them. A SOA record begins a zone; what stands in no
/// zone is refused.
/// </summary>
internal static class ZoneFile
{
    /// <summary>A cluster of five thousand Services has less than 2 MB.</summary>
    private const int LongestFile = 64 << 20;

    private const int LongestLine = 2048;

    /// <exception cref="MalformedDataException">A line is none of these.</exception>
    public static ClusterZones Read(string text, string name)
    {
        if (text.Length > LongestFile)
        {
            throw new MalformedDataException(name, -1, "it is longer than 64 MiB.");
        }

        Dictionary<string, DnsRecord> tops = new(StringComparer.Ordinal);
        Dictionary<string, List<DnsRecord>> records = new(StringComparer.Ordinal);
        int at = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > 0 && line[0] != ';')
            {
                Add(line, tops, records, (rule) => new MalformedDataException(name, at, rule));
            }

            at += line.Length + 1;
        }

        if (tops.Count == 0)
        {
            throw new MalformedDataException(name, 0, "it has no zone.");
        }

        return new ClusterZones(tops, records);
    }

    private static void Add(
        ReadOnlySpan<char> line, Dictionary<string, DnsRecord> tops, Dictionary<string, List<DnsRecord>> records,
        Func<string, MalformedDataException> fault)
    {
        string[] fields = line.Length <= LongestLine ? line.ToString().Split(' ') : [];
        if (fields is not [string first, string second, "IN", string type, .. string[] data]
            || NameOf(first) is not { } owner
            || NumberOf(second, uint.MaxValue) is not { } ttl
            || RecordOf(type, data, ttl) is not { } record)
        {
            throw fault("this line is no record of the form that the agent writes.");
        }

        if (record.Type == DnsType.Soa)
        {
            tops[owner] = record;
            return;
        }

        if (!tops.Keys.Any(top => IsBelow(owner, top)))
        {
            throw fault($"no zone has begun that {owner} is in.");
        }

        if (!records.TryGetValue(owner, out List<DnsRecord>? known))
        {
            records[owner] = known = new List<DnsRecord>(1);
        }

        if (known.Exists(other => (other.Type == DnsType.Cname) != (record.Type == DnsType.Cname)))
        {
            throw fault($"{owner} has a CNAME and another record.");
        }

        known.Add(record);
    }

    private static DnsRecord? RecordOf(string type, string[] data, uint ttl) => (type, data) switch
    {
        ("A", [string text]) when IPAddress.TryParse(text, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text =>
            DnsRecord.OfAddress(address, ttl),
        ("CNAME", [string text]) when NameOf(text) is { } name => DnsRecord.OfName(DnsType.Cname, name, ttl),
        ("PTR", [string text]) when NameOf(text) is { } name => DnsRecord.OfName(DnsType.Ptr, name, ttl),
        ("TXT", [['"', .. string text, '"']]) when text.Length <= byte.MaxValue
            && !text.Contains('"')
            && Ascii.IsValid(text) =>
            DnsRecord.OfText(text, ttl),
        ("SRV", [string priority, string weight, string port, string text]) when NameOf(text) is { } name =>
            ServerOf(priority, weight, port, name, ttl),
        ("SOA", [string text, string person, .. { Length: 5 } numbers]) when NameOf(text) is { } name =>
            AuthorityOf(name, NameOf(person), numbers, ttl),
        _ => null,
    };

    private static DnsRecord? ServerOf(string priority, string weight, string port, string target, uint ttl) =>
        NumberOf(priority, ushort.MaxValue) is { } first
            && NumberOf(weight, ushort.MaxValue) is { } second
            && NumberOf(port, ushort.MaxValue) is { } third
            ? DnsRecord.OfServer((ushort)first, (ushort)second, (ushort)third, target, ttl)
            : null;

    private static DnsRecord? AuthorityOf(string server, string? person, string[] numbers, uint ttl)
    {
        uint?[] values = [.. numbers.Select(number => NumberOf(number, uint.MaxValue))];
        return person is null || values.Contains(null)
            ? null
            : DnsRecord.OfAuthority(server, person, [.. values.OfType<uint>()], ttl);
    }

    private static string? NameOf(string text) =>
        text.EndsWith('.') && DnsName.IsPlain(text[..^1]) ? text[..^1] : null;

    private static uint? NumberOf(string text, uint most) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number <= most
            ? number
            : null;

    private static bool IsBelow(string name, string top) =>
        name.Length > top.Length
            ? name[^(top.Length + 1)] == '.' && name.EndsWith(top, StringComparison.Ordinal)
            : name == top;
}
