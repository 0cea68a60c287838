namespace Images.EndToEnd.Tests;

/// <summary>Tests that start an emulated machine that does much, move clocks, or build.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneGroup
{
    public const string Name = "alone, after all others";
}
