namespace Images.NodeConfig.Metadata;

/// <summary>Certificates (PEM) that the machine trusts beside, or instead of, those of the image.</summary>
public sealed record TrustedCertificates
{
    public bool RemoveDefaults { get; init; }

    public IReadOnlyList<string> Trusted { get; init; } = [];
}
