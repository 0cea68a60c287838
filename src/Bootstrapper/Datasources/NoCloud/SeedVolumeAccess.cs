namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>
/// Gives a folder with the files of a seed volume to <paramref name="read"/> and takes it away again.
/// </summary>
internal delegate Task<DatasourceAnswer> SeedVolumeAccess(
    SeedVolume volume, Func<string, DatasourceAnswer> read, CancellationToken cancellationToken);
