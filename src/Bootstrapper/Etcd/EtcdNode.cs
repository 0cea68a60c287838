using System.Net;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Etcd;

/// <summary>Puts the parts together for a machine with the role etcd.</summary>
internal static class EtcdNode
{
    public const string Pki = NodePaths.Pki + "/etcd";

    private const int MostMetrics = 4 << 20;
    private static readonly TimeSpan _patienceWithMetrics = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Members that have a majority answer at once. Where processors are played, a handshake takes seconds.
    /// </summary>
    private static readonly TimeSpan _patienceWithStanding = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _slowPatienceWithStanding = TimeSpan.FromSeconds(8);

    /// <summary>For what takes the longer the larger the database is.</summary>
    private static readonly TimeSpan _patienceWithDatabase = TimeSpan.FromMinutes(10);

    /// <param name="peers">Its clock is the one that the start goes by.</param>
    /// <param name="time">Of certificates.</param>
    public static EtcdStart Start(NodeRoot root, NodeState state, PeerDirectory peers, TimeProvider time)
    {
        EtcdStartSettings usual = new()
        {
            Cluster = state.Identity.Cluster,
            Size = Size(state),
            Address = state.Identity.Address,
            HasData = () => HasData(root),
            DropData = () => DropData(root),
            NameServerList = root[NameServers.ResolvedList],
        };
        string name = RoleNames.Of(state).Of(EtcdAgent.Role);
        bool isInDns = LocalNames.Of(state).Find(name) is null; // else in the metadata, which stand still
        EtcdStartSettings settings = isInDns ? usual : usual with { StableAfter = TimeSpan.Zero };
        return new EtcdStart(
            settings,
            new EtcdRecordStore(root),
            peers.Of(EtcdAgent.Role),
            RendezvousOf(root, time),
            new EtcdJoining(
                Access(root, time), EtcdPaths.PeerUrl(state.Identity.Address),
                state.IsSlow ? _slowPatienceWithStanding : _patienceWithStanding),
            peers.Time);
    }

    public static RendezvousClient RendezvousOf(NodeRoot root, TimeProvider time) => new(PeerTls(root, time));

    public static RendezvousServer Rendezvous(NodeRoot root, NodeState state, Func<PeerSet> sees, TimeProvider time)
    {
        PeerStatus Describe(EtcdRecord record) => new()
        {
            Cluster = state.Identity.Cluster,
            Size = Size(state),
            Name = record.Name,
            Phase = record.Phase,
            Configuration = record.Configuration,
            Sees = sees().Addresses,
        };
        return new RendezvousServer(
            new IPEndPoint(IPAddress.Parse(state.Identity.Address), EtcdPaths.RendezvousPort),
            PeerTls(root, time),
            new EtcdRecordStore(root),
            Describe,
            new ConnectionLimits());
    }

    public static EtcdMembership Membership(
        NodeRoot root, NodeState state, PeerDirectory peers, Narrator narrator, EtcdRhythm rhythm,
        TimeProvider time) => new(
            state.Identity.Address, Access(root, time), new EtcdRecordStore(root), () => HasData(root),
            peers.Of(EtcdAgent.Role), narrator, rhythm, new SteadyClock(time));

    public static EtcdVote Vote(NodeRoot root, NodeState state, TimeProvider time) =>
        new(state.Identity.Address, Access(root, time));

    public static EtcdSnapshots Snapshots(NodeRoot root, NodeState state, Narrator narrator, TimeProvider time) => new(
        root, state.Identity.Address, Access(root, time, _patienceWithDatabase), Drill(root, time),
        state.Metadata.Node.Etcd?.Snapshots ?? new EtcdSnapshotSettings(), () => Disk(root), narrator, time);

    public static EtcdSnapshotDrill Drill(NodeRoot root, TimeProvider time) => new(
        root, EtcdSnapshotTool.OfMachine(root), root[EtcdPaths.Program], Access(root, time),
        () => EtcdSnapshotDrill.FreeMemory(root), time);

    public static EtcdCare Care(
        NodeRoot root, NodeState state, Narrator narrator, Action<EtcdHealth> show, TimeProvider time) => new(
        state.Identity.Address, Access(root, time), Access(root, time, _patienceWithDatabase), EtcdQuota.Of(root),
        MetricsAsync, narrator, show, new SteadyClock(time));

    private static async Task<string?> MetricsAsync(CancellationToken cancellationToken)
    {
        using HttpClient client = new() { Timeout = _patienceWithMetrics, MaxResponseContentBufferSize = MostMetrics };
        try
        {
            return await client.GetStringAsync(EtcdPaths.Metrics, cancellationToken);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static (long Free, long Whole) Disk(NodeRoot root)
    {
        DriveInfo drive = new(root[NodePaths.StateFolder]);
        return (drive.AvailableFreeSpace, drive.TotalSize);
    }

    public static EtcdPeerSurvey Survey(
        NodeRoot root, NodeState state, Func<PeerView> dns, Action<PeerNameStatus> show,
        TimeSpan interval, TimeProvider time, TimeSpan? patience = null) =>
        new(
            state.Identity.Address, Access(root, time, patience), new RendezvousClient(PeerTls(root, time)),
            dns, show, interval, time);

    private static bool HasData(NodeRoot root) => Directory.Exists(root[EtcdPaths.Log]);

    private static void DropData(NodeRoot root)
    {
        if (Directory.Exists(root[EtcdPaths.Member]))
        {
            Directory.Delete(root[EtcdPaths.Member], recursive: true);
        }
    }

    private static int Size(NodeState state) => state.Metadata.Node.Etcd?.Size
        ?? throw new BootFailure(
            "NODE0401", "node.etcd.size", "the number of members is missing",
            "add 'etcd: { size: 3 }' to the metadata");

    private static MutualTls PeerTls(NodeRoot root, TimeProvider time) => new(
        root[Pki + "/peer.crt"], root[Pki + "/peer.key"], root[Pki + "/peer-ca.crt"], time, ClockFloor.Read(root));

    public static EtcdAccess Access(NodeRoot root, TimeProvider time, TimeSpan? patience = null) => new(
        new MutualTls(
            root[Pki + "/health-client.crt"], root[Pki + "/health-client.key"], root[Pki + "/client-ca.crt"],
            time, ClockFloor.Read(root)),
        new KeptConnections(time), patience: patience);
}
