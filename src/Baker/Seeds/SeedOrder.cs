using Images.NodeConfig.Metadata;

namespace Images.Baker.Seeds;

/// <summary>What the user asks a seed for.</summary>
internal sealed record SeedOrder
{
    public required string Cluster { get; init; }

    /// <summary>One role, or several with commas between them; null for a single machine, which has all.</summary>
    public string? Role { get; init; }

    /// <summary>The machine joins only once nothing is amiss with it.</summary>
    public bool Strict { get; init; }

    /// <summary>For one machine that is the whole cluster: it needs no DNS.</summary>
    public bool Single { get; init; }

    /// <summary>Names that the machines answer themselves, so that no DNS is needed for them.</summary>
    public IReadOnlyList<HostAddresses> Hosts { get; init; } = [];

    /// <summary>The folder of the cluster: its secrets, and one folder and one ISO a role.</summary>
    public required string OutputFolder { get; init; }

    public string Domain { get; init; } = NodeSettings.DefaultDomain;

    /// <summary>
    /// Members of the etcd cluster; needed where etcd is among the roles, and nowhere else. A single machine is one.
    /// </summary>
    public int? Size { get; init; }

    /// <summary>How pods reach each other; null: as recorded, or routed.</summary>
    public string? Network { get; init; }

    public string? PodCidr { get; init; }

    public string? ServiceCidr { get; init; }

    /// <summary>Who answers pods' questions for names; null: as recorded, or node.</summary>
    public string? Dns { get; init; }

    /// <summary>node or none; null: as recorded, or node.</summary>
    public string? KubeProxy { get; init; }

    /// <summary>dns, vip or lb; null: as recorded, or dns.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The virtual address of the masters; null: as recorded, or none.</summary>
    public string? MastersVip { get; init; }

    /// <summary>The virtual address of the lbs; null: as recorded, or none.</summary>
    public string? LbVip { get; init; }

    /// <summary>Seconds between advertisements of virtual addresses; null: as recorded, or one.</summary>
    public string? VipInterval { get; init; }

    /// <summary>Further names of the API; null: as recorded, or none.</summary>
    public IReadOnlyList<string>? ApiNames { get; init; }

    /// <summary>What lbs forward to workers: <c>80</c> or <c>443:30443</c>.</summary>
    public IReadOnlyList<string> LbPorts { get; init; } = [];

    /// <summary>Addresses for Services of type LoadBalancer, with commas; null: as recorded, or none.</summary>
    public string? LbPool { get; init; }

    public bool ProxyProtocol { get; init; }

    /// <summary>
    /// How long the tokens of workers and lbs are taken, from when the cluster's secrets are made; null: for ever.
    /// </summary>
    public TimeSpan? TokenTimeToLive { get; init; }

    /// <summary>Only for a seed that serves one machine.</summary>
    public string? Hostname { get; init; }

    /// <summary>Public keys in OpenSSH's one-line form.</summary>
    public IReadOnlyList<string> SshKeys { get; init; } = [];
}
