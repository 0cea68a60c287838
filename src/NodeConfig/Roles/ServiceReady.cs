namespace Images.NodeConfig.Roles;

/// <summary>What a service answers once it is ready.</summary>
public sealed record ServiceReady
{
    public required string Url { get; init; }

    /// <summary>The authority of the cluster that the server's certificate must come from, and with it one of the service's own certificates, to be shown; null: neither.</summary>
    public string? Authority { get; init; }

    public string? Certificate { get; init; }
}
