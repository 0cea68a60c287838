namespace Images.Bootstrapper.Pki;

/// <summary>
/// What a port bears that strangers reach. A question takes milliseconds, and a machine asks one or two at a time.
/// </summary>
internal sealed record ConnectionLimits
{
    public int ConnectionsAtOnce { get; init; } = 64;

    public int ConnectionsPerAddress { get; init; } = 8;

    /// <summary>For a whole conversation, from the connection on.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);
}
