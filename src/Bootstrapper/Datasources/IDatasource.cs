namespace Images.Bootstrapper.Datasources;

/// <summary>A place that metadata can come from. Asked again and again until one has it.</summary>
internal interface IDatasource
{
    /// <summary>As the console calls it.</summary>
    string Name { get; }

    /// <param name="memory">Of the machine's earlier boots, for a source that has several to choose from.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">
    /// Something is there and cannot be read; asked again later, as with the next two.
    /// </exception>
    /// <exception cref="InvalidDataException">Something is there and is larger than metadata can be.</exception>
    /// <exception cref="UnauthorizedAccessException">Something is there and is no file.</exception>
    Task<DatasourceAnswer> AskAsync(SourceMemory memory, CancellationToken cancellationToken);
}
