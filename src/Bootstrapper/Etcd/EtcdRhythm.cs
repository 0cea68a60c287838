namespace Images.Bootstrapper.Etcd;

/// <summary>How often an etcd machine's agent looks, and how long it waits before it acts.</summary>
internal sealed record EtcdRhythm
{
    /// <summary>Between two looks at the machine's own member; six times as long where all members are well.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two requests for the promotion of a member that has no vote, and so serves no client.</summary>
    public TimeSpan LookAsLearner { get; init; } = TimeSpan.FromMilliseconds(750);

    /// <summary>Between two looks at all peers, for <c>status</c>: a connection to each.</summary>
    public TimeSpan Survey { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a member that DNS no longer names must have been unhealthy before it is removed.</summary>
    public TimeSpan UnhealthyFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a learner that was added may take to start: no other machine can join meanwhile.</summary>
    public TimeSpan UnstartedFor { get; init; } = TimeSpan.FromMinutes(2);
}
