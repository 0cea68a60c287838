// One closed family, read together: the members that found a cluster.
#pragma warning disable MA0048
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// The members that a new cluster starts with. A machine that lost its disk has another name, so it is never taken for
/// the one that voted: the same addresses with another name are another configuration, with another cluster token.
/// </summary>
internal sealed record EtcdConfiguration : IJsonOnDeserialized
{
    /// <summary>More than any etcd has: its own documents advise seven.</summary>
    private const int MostMembers = 100;

    private string? _digest;

    public required string Cluster { get; init; }

    /// <summary>Ordinally sorted by address.</summary>
    public required IReadOnlyList<EtcdMember> Members { get; init; }

    /// <summary>
    /// The one member that may start this configuration first; the others follow a member that has started it.
    /// </summary>
    [JsonIgnore]
    public EtcdMember Leader => Members[0];

    /// <summary>SHA-256 over cluster, addresses and names, in lower-case hexadecimal.</summary>
    [JsonIgnore]
    public string Digest => _digest ??= Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(
            $"{Cluster}\n{string.Join('\n', Members.Select(member => $"{member.Address}={member.Name}"))}")));

    /// <summary>ETCD_INITIAL_CLUSTER_TOKEN: no two configurations share it, hence no two share a cluster id.</summary>
    [JsonIgnore]
    public string Token => $"{Cluster}-{Digest[..16]}";

    public static EtcdConfiguration Of(string cluster, IEnumerable<EtcdMember> members) => new()
    {
        Cluster = cluster,
        Members = [.. members.OrderBy(member => member.Address, StringComparer.Ordinal)],
    };

    /// <summary>The name that the configuration has for an address; null when it is not in it.</summary>
    public string? NameAt(string address) => Members.FirstOrDefault(member => member.Address == address)?.Name;

    /// <exception cref="JsonException">It comes from another machine and is no configuration.</exception>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Members.Count is 0 or > MostMembers || Members.Any(member => member is null))
        {
            throw new JsonException("no list of members");
        }
    }

    public override string ToString() => string.Join(", ", Members.Select(member => member.Address));
}

/// <summary>
/// One member of a configuration: where it is and the random name it had when the configuration was voted.
/// </summary>
internal sealed record EtcdMember
{
    public required string Address { get; init; }

    public required string Name { get; init; }
}
