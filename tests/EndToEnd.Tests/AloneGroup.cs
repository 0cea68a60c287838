namespace Images.EndToEnd.Tests;

/// <summary>Tests that start several machines, or one that does much: each by itself, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SeveralMachinesGroup
{
    public const string Name = "several machines at once";
}
