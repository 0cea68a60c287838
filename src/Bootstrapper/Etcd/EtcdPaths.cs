using Images.NodeConfig;

namespace Images.Bootstrapper.Etcd;

/// <summary>Files and ports of an etcd member on a node.</summary>
internal static class EtcdPaths
{
    public const string Unit = "etcd.service";
    public const string Program = "/usr/bin/etcd";
    public const string DataFolder = "/var/lib/etcd";
    public const string Member = DataFolder + "/member";

    /// <summary>etcd renames this folder into place once it holds a member's log.</summary>
    public const string Log = Member + "/wal";

    public const string Record = NodePaths.StateFolder + "/etcd/member.json";
    public const string RecordLock = NodePaths.StateFolder + "/etcd/member.lock";

    /// <summary>Copies of <see cref="Member"/>, kept before a newer etcd opens it.</summary>
    public const string Copies = NodePaths.StateFolder + "/etcd/copies";

    /// <summary>Snapshots of the database by schedule, each a file that was proven.</summary>
    public const string Snapshots = NodePaths.StateFolder + "/etcd/snapshots";

    /// <summary>Held by whoever takes, proves or restores one: agent and commands share their folders.</summary>
    public const string SnapshotLock = NodePaths.StateFolder + "/etcd/snapshots.lock";

    /// <summary>Where a snapshot is restored to see whether it can be.</summary>
    public const string Drill = NodePaths.StateFolder + "/etcd/drill";

    /// <summary>What was there before a restore.</summary>
    public const string BeforeRestore = DataFolder + "/before-restore";

    /// <summary>For this machine alone, without certificates.</summary>
    public const string Metrics = "http://127.0.0.1:2381/metrics";

    public const int RendezvousPort = 2378;
    public const int ClientPort = 2379;
    public const int PeerPort = 2380;

    public static string PeerUrl(string address) => $"https://{Bracketed(address)}:{PeerPort}";

    public static string ClientUrl(string address) => $"https://{Bracketed(address)}:{ClientPort}";

    private static string Bracketed(string address) =>
        address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
}
