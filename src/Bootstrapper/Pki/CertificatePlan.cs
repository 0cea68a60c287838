namespace Images.Bootstrapper.Pki;

/// <summary>
/// A certificate that this machine mints for itself: what for, from which authority, into which files.
/// </summary>
internal sealed record CertificatePlan
{
    /// <summary>The name that role files use, for example <c>etcd-server</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The authority that signs it.</summary>
    public required string Authority { get; init; }

    /// <summary>Absolute path without suffix: <c>.crt</c> (certificate) and <c>.key</c> (PKCS#8) are added.</summary>
    public required string Path { get; init; }

    /// <summary>Absolute path of the authority's certificates, newest first; null when no file is needed.</summary>
    public string? BundlePath { get; init; }

    public required string CommonName { get; init; }

    /// <summary>To Kubernetes the group of the user that <see cref="CommonName"/> names; null for none.</summary>
    public string? Organization { get; init; }

    public required IReadOnlyList<string> DnsNames { get; init; }

    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Who may show it.</summary>
    public required CertificateUsage Usage { get; init; }

    /// <summary>Owner of the key as <c>user:group</c>; the group may read it.</summary>
    public required string KeyOwner { get; init; }
}
