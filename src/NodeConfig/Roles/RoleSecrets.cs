namespace Images.NodeConfig.Roles;

/// <summary>What a role's metadata holds of the cluster's secrets, as its file says under <c>secrets</c>.</summary>
public sealed record RoleSecrets
{
    /// <summary>Authorities whose key it holds.</summary>
    public IReadOnlyList<string> Signs { get; init; } = [];

    /// <summary>Authorities of which it holds the certificate only.</summary>
    public IReadOnlyList<string> Trusts { get; init; } = [];

    /// <summary>
    /// Whether it holds the keys of ServiceAccounts, those of stored secrets, and the tokens that workers may show.
    /// </summary>
    public bool RunsControlPlane { get; init; }

    /// <summary>Whether it holds a token to show to the masters.</summary>
    public bool JoinsByToken { get; init; }

    /// <summary>Whether metadata without them is refused.</summary>
    public bool IsRequired { get; init; } = true;
}
