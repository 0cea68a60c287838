using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// What <c>bootstrapper status</c> prints. Written by <c>boot</c> until the roles start, by <c>agent</c> from then on.
/// </summary>
internal sealed record StatusDocument
{
    public const string LookingForMetadata = "looking for metadata";
    public const string WaitingForAddress = "waiting for an address";
    public const string StartingRoles = "starting roles";
    public const string RolesStarted = "roles started";

    public required string Phase { get; init; }

    /// <summary>When <c>boot</c> began, in seconds since the kernel started.</summary>
    public required double BootStarted { get; init; }

    public string? MetadataSource { get; init; }

    /// <summary>Why the boot does not go on, with its code; null while nothing is wrong.</summary>
    public string? Failure { get; init; }

    public NodeIdentity? Identity { get; init; }

    /// <summary>Which image runs; looked at when the status is asked for.</summary>
    public ImageStatus? Image { get; init; }

    /// <summary>
    /// When the services were looked at, in seconds since the kernel started; null before the first look.
    /// </summary>
    public double? LookedAt { get; init; }

    /// <summary>How often systemd has started the agent again by itself.</summary>
    public int AgentRestarts { get; init; }

    /// <summary>Why no agent looks on at present; null where one does, or where that is not known.</summary>
    public string? AgentFault { get; init; }

    public IReadOnlyList<ServiceStatus> Services { get; init; } = [];

    /// <summary>What the machine needs beside its own services, with how it is.</summary>
    public IReadOnlyList<Surrounding> Surroundings { get; init; } = [];

    /// <summary>The virtual address that this machine may hold, and who does; null where there is none.</summary>
    public string? VirtualAddress { get; init; }

    /// <summary>How the member of etcd is that this machine runs; null on one that runs none.</summary>
    public EtcdHealth? Etcd { get; init; }

    /// <summary>What the machine found of itself before it joined its cluster.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Each name of peers that was asked, with who stands behind it.</summary>
    public IReadOnlyList<PeerNameStatus> Peers { get; init; } = [];

    /// <summary>Duties of the agent that fail; it goes on with the others and tries them again.</summary>
    public IReadOnlyList<DutyFault> FailingDuties { get; init; } = [];
}
