namespace Images.NodeConfig.Roles;

/// <summary>Peers a service waits for.</summary>
public sealed record ServiceWait
{
    /// <summary>The role whose machines are waited for.</summary>
    public required string Peers { get; init; }

    /// <summary>All of them, where their number is known; otherwise one is enough.</summary>
    public bool All { get; init; }
}
