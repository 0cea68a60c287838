// One closed family, read together: what is asked of the program and what it says.
#pragma warning disable MA0048
using System.Text.Json;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Etcd;

/// <summary>etcd's own program for snapshots: it alone knows how a member's folder is made of one.</summary>
/// <param name="program">etcdutl, or an etcdctl of 3.5, which has the same commands.</param>
internal sealed class EtcdSnapshotTool(string program)
{
    private const string Newer = "/usr/bin/etcdutl";
    private const string Older = "/usr/bin/etcdctl";

    /// <summary>
    /// Revisions that clients have seen and that the snapshot has not come again otherwise, with other content: a
    /// Kubernetes that follows from there would see nothing of it.
    /// </summary>
    private const string RevisionsAhead = "1000000000";

    /// <summary>The image's: etcdctl has lost these commands with 3.6.</summary>
    public static EtcdSnapshotTool OfMachine(NodeRoot root) =>
        new(File.Exists(root[Newer]) ? root[Newer] : root[Older]);

    /// <exception cref="EtcdSnapshotException">The file is none, or the program is not there.</exception>
    public async Task<EtcdSnapshotFacts> AskAsync(string file, CancellationToken cancellationToken)
    {
        CommandResult result = await CommandRunner.RunAsync(
            program, ["snapshot", "status", file, "--write-out=json"], cancellationToken);
        if (!result.Succeeded)
        {
            throw new EtcdSnapshotException(result.Reason);
        }

        try
        {
            using JsonDocument said = JsonDocument.Parse(result.Output);
            return new EtcdSnapshotFacts(
                said.RootElement.GetProperty("revision").GetInt64(),
                said.RootElement.GetProperty("totalSize").GetInt64());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new EtcdSnapshotException($"{program} does not say what is in it ({FaultText.Of(e)})", e);
        }
    }

    /// <summary>Makes the folder of a member that is the whole of a new cluster.</summary>
    /// <param name="file">With its digest.</param>
    /// <param name="folder">Must not be there; gets a folder <c>member</c>.</param>
    /// <param name="name">The member's.</param>
    /// <param name="peerUrl">The member's.</param>
    /// <param name="token">The cluster's: another one is another cluster.</param>
    /// <param name="isForClients">Whether clients go on with it that have known the former cluster.</param>
    /// <exception cref="EtcdSnapshotException">It cannot be restored.</exception>
    public async Task RestoreAsync(
        string file, string folder, string name, string peerUrl, string token, bool isForClients,
        CancellationToken cancellationToken)
    {
        bool goesAhead = isForClients && await CanGoAheadAsync(cancellationToken);
        CommandResult result = await CommandRunner.RunAsync(
            program,
            [
                "snapshot", "restore", file, $"--data-dir={folder}", $"--name={name}",
                $"--initial-cluster={name}={peerUrl}", $"--initial-advertise-peer-urls={peerUrl}",
                $"--initial-cluster-token={token}",
                .. goesAhead ? [$"--bump-revision={RevisionsAhead}", "--mark-compacted"] : Array.Empty<string>(),
            ],
            cancellationToken);
        if (!result.Succeeded)
        {
            throw new EtcdSnapshotException($"it cannot be restored ({result.Reason})");
        }
    }

    /// <summary>Those of etcd before 3.5.10 cannot; then API servers must be started anew.</summary>
    private async Task<bool> CanGoAheadAsync(CancellationToken cancellationToken)
    {
        CommandResult help = await CommandRunner.RunAsync(
            program, ["snapshot", "restore", "--help"], cancellationToken);
        return help.Output.Contains("--bump-revision", StringComparison.Ordinal);
    }
}

/// <summary>What a snapshot says of itself.</summary>
/// <param name="Revision">Of its newest change.</param>
/// <param name="Bytes">Of its database.</param>
internal sealed record EtcdSnapshotFacts(long Revision, long Bytes);
