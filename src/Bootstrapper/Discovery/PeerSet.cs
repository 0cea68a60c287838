using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Images.Bootstrapper.Discovery;

/// <summary>The addresses behind a name, as a set: the order and repetition of a DNS answer mean nothing.</summary>
internal sealed class PeerSet : IEquatable<PeerSet>
{
    private PeerSet(IReadOnlyList<string> addresses)
    {
        Addresses = addresses;
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(',', addresses))));
    }

    public static PeerSet Empty { get; } = new([]);

    /// <summary>In canonical form, ordinally sorted, each once.</summary>
    public IReadOnlyList<string> Addresses { get; }

    /// <summary>SHA-256 of the addresses joined by commas, in lower-case hexadecimal.</summary>
    public string Digest { get; }

    public int Count => Addresses.Count;

    public static PeerSet Of(IEnumerable<IPAddress> addresses) => new(
        [.. addresses.Select(address => address.ToString())
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)]);

    /// <summary>Refuses what is no address with a <see cref="FormatException"/>.</summary>
    public static PeerSet Parse(IEnumerable<string> addresses) => Of(addresses.Select(IPAddress.Parse));

    public bool Contains(string address) => Addresses.Contains(address, StringComparer.Ordinal);

    public bool Equals(PeerSet? other) => other is not null && Digest == other.Digest;

    public override bool Equals(object? obj) => Equals(obj as PeerSet);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Digest);

    public override string ToString() => Addresses.Count == 0 ? "no address" : string.Join(", ", Addresses);
}
