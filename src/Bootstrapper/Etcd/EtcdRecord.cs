// One closed family, read together: the record of membership on disk.
#pragma warning disable MA0048
using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Etcd;

/// <summary>What a machine remembers of its membership; written to disk before anything follows from it.</summary>
internal sealed record EtcdRecord
{
    private const int FormerNamesKept = 64;

    /// <summary>The random member name.</summary>
    public required string Name { get; init; }

    public EtcdPhase Phase { get; init; }

    /// <summary>The configuration voted for or started; null in the other phases.</summary>
    public EtcdConfiguration? Configuration { get; init; }

    /// <summary>
    /// Names given up, oldest first. A configuration with one of them can never be voted for again, and was never
    /// started here: a machine that had started one forgets its names with it.
    /// </summary>
    public IReadOnlyList<string> FormerNames { get; init; } = [];

    /// <summary>What etcd needs to join; null unless <see cref="EtcdPhase.Joined"/>.</summary>
    public EtcdJoin? Join { get; init; }

    /// <summary>
    /// Whether etcd has once had data on this machine. A member that lost them must not return as if it never had any.
    /// </summary>
    public bool HasRun { get; init; }

    /// <summary>etcd's own id of this member, once it ran.</summary>
    public ulong? MemberId { get; init; }

    /// <summary>
    /// Whether the member has joined and was never seen with a vote: then it has promised nothing to anybody, and the
    /// others have all that it holds.
    /// </summary>
    public bool NeverVoted { get; init; }

    /// <summary>Of the member that the data in the folder are of; null where that is not known.</summary>
    [JsonIgnore]
    public ulong? LastMemberId => MemberId ?? Join?.MemberId;

    /// <summary>
    /// The version of the etcd that opened the data last; null before the first start, and where an older
    /// image did not say.
    /// </summary>
    public string? DataVersion { get; init; }

    [JsonIgnore]
    public bool IsMember => Phase is EtcdPhase.Started or EtcdPhase.Joined;

    /// <summary>A new machine, also one that lost its data: it cannot say what an older one did.</summary>
    public static EtcdRecord Blank(string name) => new() { Name = name };

    public EtcdRecord VoteFor(EtcdConfiguration configuration) => Phase == EtcdPhase.Blank
        ? this with { Phase = EtcdPhase.Voted, Configuration = configuration }
        : throw new InvalidOperationException($"A machine in phase {Phase} has no vote to give.");

    public EtcdRecord StartVoted() => Phase == EtcdPhase.Voted
        ? this with { Phase = EtcdPhase.Started }
        : throw new InvalidOperationException($"A machine in phase {Phase} has nothing to start.");

    public EtcdRecord JoinAs(EtcdJoin join) =>
        this with { Phase = EtcdPhase.Joined, Configuration = null, Join = join, MemberId = null, NeverVoted = true };

    /// <summary>Gives up the name and with it every configuration that holds it, the one voted for included.</summary>
    public EtcdRecord Rename(string newName) => !IsMember
        ? new() { Name = newName, FormerNames = [.. FormerNames.TakeLast(FormerNamesKept - 1), Name] }
        : throw new InvalidOperationException($"A machine in phase {Phase} keeps its name.");
}

/// <summary>How far a machine has come on its way to being a member.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EtcdPhase>))]
internal enum EtcdPhase
{
    /// <summary>No vote, no data.</summary>
    Blank,

    /// <summary>Promised to one configuration; the promise outlives restarts.</summary>
    Voted,

    /// <summary>The configuration is decided: etcd may start (or has started) as a member of a new cluster.</summary>
    Started,

    /// <summary>Added to an existing cluster.</summary>
    Joined,
}

/// <summary>A place in an existing cluster, as the cluster gave it.</summary>
internal sealed record EtcdJoin
{
    /// <summary>etcd's own id of the new member.</summary>
    public required ulong MemberId { get; init; }

    public required ulong ClusterId { get; init; }

    /// <summary>ETCD_INITIAL_CLUSTER: every member with its peer URL, this one included.</summary>
    public required string InitialCluster { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    MaxDepth = 16,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EtcdRecord))]
[JsonSerializable(typeof(RendezvousRequest))]
[JsonSerializable(typeof(RendezvousReply))]
internal sealed partial class EtcdJson : JsonSerializerContext;
