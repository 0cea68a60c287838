namespace Images.Baker.Plan;

internal sealed record BootPlan
{
    /// <summary>The package that holds <see cref="Stub"/> and <see cref="Loader"/>; it is used at the bake only.</summary>
    public required string Package { get; init; }

    /// <summary>Path of the UKI stub inside the package.</summary>
    public required string Stub { get; init; }

    /// <summary>Path of the boot loader inside the package.</summary>
    public required string Loader { get; init; }

    public required string CommandLine { get; init; }
}
