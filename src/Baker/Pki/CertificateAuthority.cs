using Images.NodeConfig;

namespace Images.Baker.Pki;

/// <summary>One authority of a cluster: what signs the certificates that its machines mint for themselves.</summary>
internal sealed record CertificateAuthority
{
    /// <summary>One of <see cref="NodeConfig.Metadata.ClusterSecrets.AuthorityNames"/>.</summary>
    public required string Name { get; init; }

    /// <summary>PEM.</summary>
    public required string Certificate { get; init; }

    /// <summary>PEM, PKCS#8.</summary>
    public required Secret Key { get; init; }
}
