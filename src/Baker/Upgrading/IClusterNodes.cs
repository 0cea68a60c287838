namespace Images.Baker.Upgrading;

/// <summary>
/// The cluster's Nodes, as its API has them. Each call may throw a <see cref="BakeException"/> whose fault is
/// <see cref="BakeFault.Source"/>: no API server answers, or refuses.
/// </summary>
internal interface IClusterNodes
{
    /// <summary>Takes no new pods from now on; marked, so that this program opens what it has closed alone.</summary>
    /// <returns>Whether another Node could take what ends here.</returns>
    Task<bool> CloseAsync(string node, CancellationToken cancellationToken);

    /// <summary>Asks the pods that others replace to end, as their disruption budgets allow.</summary>
    /// <returns>Those that are still there, in words.</returns>
    Task<IReadOnlyList<string>> EvictAsync(string node, CancellationToken cancellationToken);

    /// <summary>Takes pods again, where this program has closed it.</summary>
    /// <returns>Whether that was so.</returns>
    Task<bool> OpenAsync(string node, CancellationToken cancellationToken);

    Task<bool> IsReadyAsync(string node, CancellationToken cancellationToken);
}
