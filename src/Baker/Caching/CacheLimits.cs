namespace Images.Baker.Caching;

/// <summary>What the cache keeps.</summary>
internal sealed record CacheLimits
{
    /// <summary>A file that no command has used for so long goes.</summary>
    public TimeSpan UnusedFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Beyond it go the files that were used longest ago. One image's packages and layers take some 400 MiB.
    /// </summary>
    public long Bytes { get; init; } = 10L << 30;

    /// <summary>However full the cache is, what was used so recently stays: the next bake wants it again.</summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromDays(1);

    /// <summary>A download that broke off so long ago is not gone on with.</summary>
    public static TimeSpan BrokenOffFor { get; } = TimeSpan.FromDays(7);
}
