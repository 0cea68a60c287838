namespace Images.NodeConfig.Metadata;

/// <summary>
/// User-data, read and checked: what the machine is, and the subset of cloud-config that the image honours.
/// </summary>
public sealed record NodeMetadata
{
    public required NodeSettings Node { get; init; }

    public string? Hostname { get; init; }

    /// <summary>Fully qualified name; its first label is the host name unless one is given.</summary>
    public string? Fqdn { get; init; }

    public IReadOnlyList<string> SshAuthorizedKeys { get; init; } = [];

    public IReadOnlyList<WriteFile> WriteFiles { get; init; } = [];

    public NtpSettings? Ntp { get; init; }

    public TrustedCertificates? CaCertificates { get; init; }

    public string? Timezone { get; init; }

    /// <summary>What whoever wrote it should know; what <see cref="Node"/> says stands there.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>In the order of the text; one below an honoured key has its name before a dot.</summary>
    public IReadOnlyList<IgnoredKey> Ignored { get; init; } = [];
}
