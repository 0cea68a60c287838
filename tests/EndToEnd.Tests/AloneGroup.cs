namespace Images.EndToEnd.Tests;

/// <summary>Tests that start several machines, or one that does much.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneGroup
{
    public const string Name = "alone, after all others";
}
