namespace Images.NodeConfig.Roles;

/// <summary>A server that must answer over TLS before a service starts.</summary>
public sealed record ServiceAnswer
{
    /// <summary>An https URL, in which values stand as in a template.</summary>
    public required string Url { get; init; }

    /// <summary>The authority of the cluster that the server's certificate must come from.</summary>
    public required string Authority { get; init; }

    /// <summary>
    /// One of the service's own certificates, to be shown: then only success counts. Without one, being asked for a certificate is
    /// an answer, too.
    /// </summary>
    public string? Certificate { get; init; }
}
