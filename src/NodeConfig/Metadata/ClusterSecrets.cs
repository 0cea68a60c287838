namespace Images.NodeConfig.Metadata;

/// <summary>
/// The authorities of a cluster that this machine was given, each a list, newest first, so that they can be rotated:
/// all are trusted, the first one with a key signs.
/// </summary>
public sealed record ClusterSecrets
{
    public const string Kubernetes = Roles.AuthorityNames.Kubernetes;
    public const string FrontProxy = Roles.AuthorityNames.FrontProxy;
    public const string EtcdPeer = Roles.AuthorityNames.EtcdPeer;
    public const string EtcdClient = Roles.AuthorityNames.EtcdClient;

    /// <summary>Every name an authority can have, in the order of messages.</summary>
    public static IReadOnlyList<string> AuthorityNames => Roles.AuthorityNames.All;

    public static ClusterSecrets None { get; } =
        new() { Authorities = new Dictionary<string, IReadOnlyList<ClusterAuthority>>(StringComparer.Ordinal) };

    public required IReadOnlyDictionary<string, IReadOnlyList<ClusterAuthority>> Authorities { get; init; }

    /// <summary>The authorities of that name, newest first; none if the metadata has none.</summary>
    public IReadOnlyList<ClusterAuthority> this[string name] =>
        Authorities.TryGetValue(name, out IReadOnlyList<ClusterAuthority>? list) ? list : [];

    public bool CanSign(string name) => this[name].Any(authority => authority.Key is not null);

    public override string ToString() =>
        $"authorities: {string.Join(", ", Authorities.Keys.Order(StringComparer.Ordinal))}";
}
