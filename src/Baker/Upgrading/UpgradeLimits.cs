namespace Images.Baker.Upgrading;

/// <summary>How long a cluster's upgrade waits for what.</summary>
internal sealed record UpgradeLimits
{
    /// <summary>For pods that are to end elsewhere, on one machine.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>From the restart until the image is kept or given up: three tries, a quarter of an hour each.</summary>
    public TimeSpan Boot { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>For a machine's roles, once it has kept the image.</summary>
    public TimeSpan Health { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>For a machine that does not answer, and for the others of its role before it goes.</summary>
    public TimeSpan Others { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For what is put right after a fault.</summary>
    public TimeSpan Tidying { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(2);
}
