using System.Text.Json.Serialization;
using Images.Formats;
using Images.NodeConfig.Roles;

namespace Images.Baker.Locking;

/// <summary>Upstream's archive of the server programs.</summary>
internal sealed record LockedUpstream
{
    /// <summary>As 1.36.0.</summary>
    public required string Version { get; init; }

    /// <summary>Below the server's root: v1.36.0/kubernetes-server-linux-amd64.tar.gz.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes; null where the server could not be asked when the lock was made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Size { get; init; }

    /// <summary>SHA-512, as upstream publishes it.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The path of a release's archive below the server's root.</summary>
    public static string PathOf(ComponentVersion version) => $"v{version}/kubernetes-server-linux-amd64.tar.gz";
}
