namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>
/// How long a lease lives and how often it is renewed; the defaults are those of Kubernetes' own components.
/// </summary>
internal sealed record LeaseTimes
{
    /// <summary>Others take it over once they have seen no change for so long; whole seconds.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A holder that could not renew for so long stops working: earlier than anybody may take over.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Renewal { get; init; } = TimeSpan.FromSeconds(2);
}
