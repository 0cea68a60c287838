namespace Images.NodeConfig.Metadata;

/// <summary>A certificate authority as metadata carries it; the key only where the role may sign.</summary>
public sealed record ClusterAuthority
{
    /// <summary>PEM.</summary>
    public required string Certificate { get; init; }

    /// <summary>PEM, unencrypted PKCS#8 or EC.</summary>
    public Secret? Key { get; init; }
}
