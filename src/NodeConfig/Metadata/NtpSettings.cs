namespace Images.NodeConfig.Metadata;

/// <summary>Time sources; servers first, then pools.</summary>
public sealed record NtpSettings
{
    public bool Enabled { get; init; } = true;

    public IReadOnlyList<string> Servers { get; init; } = [];

    public IReadOnlyList<string> Pools { get; init; } = [];
}
