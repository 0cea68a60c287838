using System.Globalization;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// What is known of a name at one moment: the last good set, and how long it has stood or the look-ups have failed.
/// </summary>
internal sealed record PeerView
{
    public required string Name { get; init; }

    /// <summary>The last answer that held addresses; empty only if there never was one.</summary>
    public required PeerSet Good { get; init; }

    /// <summary>When <see cref="Good"/> was first seen without another set since.</summary>
    public required DateTimeOffset GoodSince { get; init; }

    /// <summary>When the last look-up succeeded.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Why the last look-up gave nothing; null after a good one.</summary>
    public string? Failure { get; init; }

    /// <summary>Since when look-ups have given nothing.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Of a name that nobody has asked for.</summary>
    public static PeerView Unknown(string name, DateTimeOffset now) =>
        new() { Name = name, Good = PeerSet.Empty, GoodSince = now, FailingSince = now };

    /// <summary>
    /// The view after one more answer. An empty or failed one never empties a list that was good.
    /// </summary>
    public PeerView After(ResolverAnswer answer, DateTimeOffset now) => answer.Failure is null
        ? this with
        {
            Good = answer.Addresses,
            GoodSince = answer.Addresses.Equals(Good) ? GoodSince : now,
            LastSuccess = now,
            Failure = null,
            FailingSince = null,
        }
        : this with { Failure = answer.Failure, FailingSince = FailingSince ?? now };

    /// <summary>Whether the set is the same for at least this long.</summary>
    public bool IsStable(TimeSpan duration, DateTimeOffset now) => Good.Count > 0 && now - GoodSince >= duration;

    /// <summary>
    /// "etcd.demo.k8s. gives no address since 01:02:03 (the name does not exist; DNS server 10.0.0.1)".
    /// </summary>
    public string DescribeFailure(string servers) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name} gives no address since {FailingSince:HH:mm:ss} ({Failure ?? "not asked yet"}; DNS server {servers})");
}
