namespace Images.Baker.Tests.Sources;

/// <summary>The tests that share one <see cref="SigningHome"/>.</summary>
[CollectionDefinition(Name)]
public sealed class SigningCollection : ICollectionFixture<SigningHome>
{
    public const string Name = "signing";
}
