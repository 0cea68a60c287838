using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Etcd;

/// <summary>What a machine says of itself at the rendezvous.</summary>
internal sealed record PeerStatus : IJsonOnDeserialized
{
    private const int LongestName = 253;

    public required string Cluster { get; init; }

    /// <summary>The cluster's size by this machine's metadata.</summary>
    public required int Size { get; init; }

    public required string Name { get; init; }

    public required EtcdPhase Phase { get; init; }

    public EtcdConfiguration? Configuration { get; init; }

    /// <summary>The addresses that it sees in DNS.</summary>
    public required IReadOnlyList<string> Sees { get; init; }

    /// <exception cref="JsonException">
    /// Another machine says what cannot be; the console would show it, whatever its length.
    /// </exception>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Cluster.Length > LongestName || Name.Length > LongestName)
        {
            throw new JsonException("a name is too long");
        }

        if (Sees.Any(address => !IPAddress.TryParse(address, out _)))
        {
            throw new JsonException("it sees something that is no address");
        }
    }
}
