namespace Images.Baker.Seeds;

/// <summary>What the user asks a seed for.</summary>
internal sealed record SeedOrder
{
    public required string Cluster { get; init; }

    public required string Role { get; init; }

    /// <summary>The folder of the cluster: its secrets, and one folder and one ISO a role.</summary>
    public required string OutputFolder { get; init; }

    public string Domain { get; init; } = NodeConfig.Metadata.NodeSettings.DefaultDomain;

    /// <summary>Members of the etcd cluster; needed for role etcd and for no other.</summary>
    public int? Size { get; init; }

    /// <summary>Only for a seed that serves one machine.</summary>
    public string? Hostname { get; init; }

    /// <summary>Public keys in OpenSSH's one-line form.</summary>
    public IReadOnlyList<string> SshKeys { get; init; } = [];
}
