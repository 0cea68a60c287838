namespace Images.Bootstrapper.Datasources;

/// <summary>A place that metadata can come from. Asked again and again until one has it.</summary>
internal interface IDatasource
{
    /// <summary>As the console calls it.</summary>
    string Name { get; }

    Task<DatasourceAnswer> AskAsync(CancellationToken cancellationToken);
}
