namespace Images.EndToEnd.Tests;

[CollectionDefinition(UnpackedImage.Shared)]
public sealed class UnpackedImageGroup : ICollectionFixture<UnpackedImage>;
