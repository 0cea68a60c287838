namespace Images.Baker.Upgrading;

/// <summary>What the user asks an upgrade of a cluster for.</summary>
internal sealed record UpgradeOrder
{
    /// <summary>The <c>.upgrade</c> file.</summary>
    public required string Image { get; init; }

    /// <summary>What <c>baker seed</c> was given as <c>--out</c>; null for a cluster of <c>baker cluster</c>.</summary>
    public string? Seeds { get; init; }

    /// <summary>Name of a cluster of <c>baker cluster</c>; null where <see cref="Seeds"/> is given.</summary>
    public string? Cluster { get; init; }

    public string? SshKey { get; init; }

    /// <summary>In OpenSSH's form; null where machines are asked over TLS.</summary>
    public string? KnownHosts { get; init; }

    /// <summary>Machines by name; those of DNS where it is empty.</summary>
    public IReadOnlyList<MachinePlace> Named { get; init; } = [];

    /// <summary>The API, where masters' own addresses do not lead to it.</summary>
    public Uri? Server { get; init; }

    /// <summary>Tries an image that was given up, too.</summary>
    public bool Again { get; init; }

    /// <summary>Makes a plan and nothing else.</summary>
    public bool DryRun { get; init; }

    public UpgradeLimits Limits { get; init; } = new();

    /// <summary>Who upgrades, like nobody else.</summary>
    public required string Holder { get; init; }

    /// <summary>Told what the user should know beside the steps.</summary>
    public required Action<string> Notice { get; init; }
}
