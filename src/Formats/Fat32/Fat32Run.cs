namespace Images.Formats.Fat32;

/// <summary>Clusters that follow one another. The default is the empty run, whose first cluster is 0.</summary>
internal readonly record struct Fat32Run(uint FirstCluster, uint Clusters);
