using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Pki;

/// <summary>How long a certificate is valid, and how often it is looked at.</summary>
internal sealed record CertificateLife
{
    /// <summary>
    /// How long a machine that was taken out of DNS keeps its access. Kubelets renew theirs when some three quarters
    /// are over.
    /// </summary>
    private static readonly TimeSpan _ofKubelets = TimeSpan.FromDays(30);

    public static CertificateLife Usual { get; } = new();

    public TimeSpan Validity { get; init; } = TimeSpan.FromHours(17520);

    /// <summary>For peers whose clock is behind.</summary>
    public TimeSpan Backdating { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Between two looks by the agent.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Between two looks at the clock, whose jumps are a reason to look at the certificates.</summary>
    public TimeSpan ClockLook { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Of kubelets' certificates, where the metadata asks for nothing else.</summary>
    public static TimeSpan ValidityOfKubelets(NodeSettings node) => node.CertificateValidityPeriod ?? _ofKubelets;

    /// <summary>With the validity that the metadata asks for.</summary>
    public CertificateLife For(NodeSettings node) =>
        node.CertificateValidityPeriod is TimeSpan validity ? this with { Validity = validity } : this;
}
