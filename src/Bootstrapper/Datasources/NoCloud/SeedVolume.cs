namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>A block device whose label says that it is a NoCloud seed.</summary>
internal sealed record SeedVolume(string Device, string FileSystem, string Label);
