namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>What the machines said in one round, in the order of their addresses.</summary>
internal sealed record CsrClaims(IReadOnlyList<(string Address, CsrClaim Claim)> Said)
{
    public static CsrClaims None { get; } = new([]);

    /// <summary>What requests are called that a machine stands for.</summary>
    public IReadOnlySet<string> RequestNames { get; } =
        Said.SelectMany(item => item.Claim.Keys).Select(CsrClaim.RequestNameOf).ToHashSet(StringComparer.Ordinal);

    /// <summary>The addresses at which a machine says that it is this node, whatever it asks for.</summary>
    public IReadOnlyList<string> Of(string node) =>
        [.. Said.Where(item => item.Claim.Node == node).Select(item => item.Address)];

    /// <summary>With what others said, who were asked later.</summary>
    public CsrClaims With(CsrClaims others) => new([.. Said, .. others.Said]);

    /// <summary>The addresses at which a machine asks under this name with this key.</summary>
    public IReadOnlyList<string> At(string node, string keyDigest) =>
    [
        .. Said.Where(item => item.Claim.Node == node && item.Claim.Keys.Contains(keyDigest, StringComparer.Ordinal))
            .Select(item => item.Address),
    ];
}
