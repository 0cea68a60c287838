namespace Images.NodeConfig;

/// <summary>DNS names of a cluster: <c>{role}.{cluster}.{domain}.</c>, absolute, so that no search list is tried.</summary>
public sealed record NodeNames(string Cluster, string Domain)
{
    /// <summary>The name under which all machines of a role stand; <paramref name="dns"/> is the role file's first label.</summary>
    public string Peers(string dns) => $"{dns}.{Cluster}.{Domain}.";
}
