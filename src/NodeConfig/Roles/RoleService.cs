namespace Images.NodeConfig.Roles;

/// <summary>One systemd unit of a role and what must be there before it starts.</summary>
public sealed record RoleService
{
    /// <summary>The unit's full name, for example <c>etcd.service</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>A word of <see cref="RoleConditions"/>: only on machines where it holds; null: on all.</summary>
    public string? When { get; init; }

    /// <summary>Parts of the kernel that must be there.</summary>
    public IReadOnlyList<KernelNeed> Kernel { get; init; } = [];

    public IReadOnlyList<ServiceWait> Waits { get; init; } = [];

    /// <summary>Absolute paths of files that another service of the machine makes.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Servers that must answer.</summary>
    public IReadOnlyList<ServiceAnswer> Answers { get; init; } = [];

    /// <summary>Names of certificates that the node mints for this service, for example <c>etcd-peer</c>.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    public IReadOnlyList<ServiceFile> Files { get; init; } = [];

    /// <summary>What answers 2xx once the service is ready; without it the unit being active counts.</summary>
    public ServiceReady? Ready { get; init; }

    /// <summary>Whether it is started anew after somebody has set the clock forward: it counts the life of its tokens by a clock that nobody sets.</summary>
    public bool RestartOnClockJump { get; init; }
}
