// Zones and what they say, read together.
#pragma warning disable MA0048
using Images.Formats.Dns;

namespace Images.Bootstrapper.NameServer;

/// <summary>
/// The cluster's domain and its zones of reverse names, as <see cref="ZoneFile"/> has them, and the names of pods,
/// which are made of their addresses and stand nowhere.
/// </summary>
internal sealed class ClusterZones
{
    /// <summary>Of names that are the names of names.</summary>
    private const int MostSteps = 8;

    private readonly Dictionary<string, DnsRecord> _tops;
    private readonly Dictionary<string, List<DnsRecord>> _records;

    /// <summary>Names that have no records, but names below them.</summary>
    private readonly HashSet<string> _between = new(StringComparer.Ordinal);

    /// <param name="tops">The zones' own names and their SOA records.</param>
    /// <param name="records">By owner, each below a zone's name.</param>
    public ClusterZones(Dictionary<string, DnsRecord> tops, Dictionary<string, List<DnsRecord>> records)
    {
        (_tops, _records) = (tops, records);
        foreach (string name in records.Keys)
        {
            for (string? above = Above(name); above is not null && !_tops.ContainsKey(above); above = Above(above))
            {
                if (!_between.Add(above))
                {
                    break;
                }
            }
        }
    }

    public int Names => _records.Count;

    /// <param name="name">As <see cref="DnsName"/> has it.</param>
    /// <param name="type">Of the question.</param>
    /// <param name="turn">Any number: which of several records comes first.</param>
    public ZoneAnswer Answer(string name, DnsType type, int turn)
    {
        List<(string Owner, DnsRecord Record)> answers = [];
        for (int step = 0; step < MostSteps; step++)
        {
            if (TopOf(name) is not { } top)
            {
                return step == 0
                    ? new ZoneAnswer { Code = DnsCode.Refused }
                    : new ZoneAnswer { Code = DnsCode.NoError, Answers = answers, Outside = name };
            }

            IReadOnlyList<DnsRecord>? found = Find(name, top);
            if (found is [{ Type: DnsType.Cname } other] && type is not (DnsType.Cname or DnsType.Any))
            {
                answers.Add((name, other));
                name = DnsName.Read(other.Data, 0, mayPoint: false, out _);
                continue;
            }

            DnsRecord[] fitting = [.. (found ?? []).Where(record => type == DnsType.Any || record.Type == type)];
            answers.AddRange(Turned(fitting, turn).Select(record => (name, record)));
            return new ZoneAnswer
            {
                Code = found is null ? DnsCode.NameError : DnsCode.NoError,
                Answers = answers,
                Authority = fitting.Length == 0 ? (top, _tops[top]) : null,
                Additionals =
                    [.. fitting.Where(record => record.Type == DnsType.Srv).SelectMany(AddressesOf).Distinct()],
            };
        }

        return new ZoneAnswer { Code = DnsCode.ServerFailure };
    }

    /// <summary>Null for a name that does not exist; empty for one that has no records.</summary>
    private IReadOnlyList<DnsRecord>? Find(string name, string top) =>
        _records.TryGetValue(name, out List<DnsRecord>? records) ? records
            : name == top ? [_tops[top]]
            : PodNames.Find(name, top) ?? (_between.Contains(name) ? [] : null);

    private string? TopOf(string name)
    {
        for (string? above = name; above is not null; above = Above(above))
        {
            if (_tops.ContainsKey(above))
            {
                return above;
            }
        }

        return null;
    }

    private IEnumerable<(string Owner, DnsRecord Record)> AddressesOf(DnsRecord server)
    {
        string target = DnsName.Read(server.Data, 6, mayPoint: false, out _);
        return _records.TryGetValue(target, out List<DnsRecord>? records)
            ? records.Where(record => record.Type is DnsType.A or DnsType.Aaaa).Select(record => (target, record))
            : [];
    }

    /// <summary>So that not all who take the first take the same.</summary>
    private static IEnumerable<DnsRecord> Turned(DnsRecord[] records, int turn)
    {
        int first = records.Length == 0 ? 0 : turn % records.Length;
        return [.. records[first..], .. records[..first]];
    }

    private static string? Above(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? null : name[(dot + 1)..];
    }
}

/// <summary>What the zones say to a question.</summary>
internal sealed record ZoneAnswer
{
    public required DnsCode Code { get; init; }

    public IReadOnlyList<(string Owner, DnsRecord Record)> Answers { get; init; } = [];

    /// <summary>Says for how long nothing counts as nothing; null where there is something.</summary>
    public (string Owner, DnsRecord Record)? Authority { get; init; }

    /// <summary>Addresses of the servers that the answers name.</summary>
    public IReadOnlyList<(string Owner, DnsRecord Record)> Additionals { get; init; } = [];

    /// <summary>A name outside that the answers end at, whose records belong to the answer; null for none.</summary>
    public string? Outside { get; init; }
}
