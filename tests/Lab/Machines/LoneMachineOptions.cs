namespace Images.Lab.Machines;

/// <summary>How a <see cref="LoneMachine"/> differs from a machine that is a whole cluster.</summary>
internal sealed record LoneMachineOptions
{
    /// <summary>What it is if it need not be one of QEMU's for another reason.</summary>
    public MachineKind Kind { get; init; } = MachineKind.Container;

    /// <summary>What it is made from; null: the build's image.</summary>
    public string? Image { get; init; }

    /// <summary>What is laid over a container's /etc: content by the path below it.</summary>
    public IReadOnlyDictionary<string, string> EtcFiles { get; init; } = new Dictionary<string, string>();

    /// <summary>Its metadata says that it is the whole cluster, and no DNS names it.</summary>
    public bool IsSingle { get; init; }

    /// <summary>It is on a network of QEMU's own, where nobody answers DNS.</summary>
    public bool IsOnUserNetwork { get; init; }

    /// <summary>With commas.</summary>
    public string Roles { get; init; } = LoneMachine.WholeCluster;

    /// <summary>Further arguments of <c>baker seed</c>.</summary>
    public string[] SeedArguments { get; init; } = [];

    /// <summary>Lines to add to <c>node:</c> of the metadata, each with its line end.</summary>
    public string NodeLines { get; init; } = "";

    /// <summary>Lines to add to the user-data beside <c>node:</c>, each with its line end.</summary>
    public string MoreUserData { get; init; } = "";

    /// <summary>What its clock says when it starts, for one of QEMU's; null for the right time.</summary>
    public DateTimeOffset? Clock { get; init; }
}
