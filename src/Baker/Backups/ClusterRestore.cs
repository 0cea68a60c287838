using System.Security.Cryptography;
using Images.Baker.Ssh;

namespace Images.Baker.Backups;

/// <summary>
/// Gives a cluster what a backup holds: the first member begins with it, the others are emptied and join, the masters
/// follow. Nothing is lost before the first member has proven that it can be restored.
/// </summary>
/// <param name="order">How nodes are reached; the first host is the first member.</param>
/// <param name="masters">Whose API servers are started anew.</param>
/// <param name="say">Told each step.</param>
internal sealed class ClusterRestore(
    BackupOrder order, IReadOnlyList<string> masters, Action<string> say, TimeProvider time)
{
    private const string Snapshot = "/var/lib/bootstrapper/etcd/from-backup.db";
    private const string Ready = "etcd.service: ready";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    private readonly (string Host, NodeRole Role)[] _others =
        [.. order.Hosts.Skip(1).Select(host => (host, NodeRole.Etcd))];

    private readonly (string Host, NodeRole Role)[] _masters = [.. masters.Select(host => (host, NodeRole.Master))];

    /// <param name="file">Of <c>baker backup</c>.</param>
    public async Task RunAsync(string file, CancellationToken cancellationToken)
    {
        using ECDiffieHellman key = BackupKey.OpenPrivate(order.SeedFolder);
        using NodeShell first = await ConnectAsync((order.Hosts[0], NodeRole.Etcd), cancellationToken)
            .ConfigureAwait(false);
        await ForEachAsync(_others.Concat(_masters), null, (_, _) => Task.CompletedTask, cancellationToken)
            .ConfigureAwait(false); // who cannot be logged in to is known before anything is lost
        try
        {
            await SendAsync(first, file, key, cancellationToken).ConfigureAwait(false);
            await first.RunAsync($"bootstrapper etcd prove {Snapshot}", cancellationToken).ConfigureAwait(false);
            say($"{order.Hosts[0]} has the snapshot and can be restored from it");
            await ForEachAsync(
                _others, "is emptied", (node, limit) => node.RunAsync("bootstrapper reset --yes", limit),
                cancellationToken).ConfigureAwait(false);
            await first.RunAsync($"bootstrapper etcd restore {Snapshot} --yes", cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            await TidyAsync(first).ConfigureAwait(false);
        }

        await WaitAsync(first, cancellationToken).ConfigureAwait(false);
        say($"{order.Hosts[0]} is a cluster with what the backup holds");
        await ForEachAsync(
            _others, "starts again and joins", (node, limit) => node.RebootAsync(limit), cancellationToken)
            .ConfigureAwait(false);
        await ForEachAsync(
            _masters, "starts its API server anew",
            (node, limit) => node.RunAsync("systemctl --no-block restart kube-apiserver.service", limit),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<NodeShell> ConnectAsync(
        (string Host, NodeRole Role) machine, CancellationToken cancellationToken)
    {
        KnownHosts known = await order.Keys.OfAsync(machine.Host, machine.Role, cancellationToken)
            .ConfigureAwait(false);
        return await NodeShell.ConnectAsync(machine.Host, order.SshKey, known, cancellationToken).ConfigureAwait(false);
    }

    private async Task ForEachAsync(
        IEnumerable<(string Host, NodeRole Role)> machines, string? done, Func<NodeShell, CancellationToken, Task> act,
        CancellationToken cancellationToken)
    {
        foreach ((string Host, NodeRole Role) machine in machines)
        {
            using NodeShell node = await ConnectAsync(machine, cancellationToken).ConfigureAwait(false);
            await act(node, cancellationToken).ConfigureAwait(false);
            if (done is not null)
            {
                say($"{machine.Host} {done}");
            }
        }
    }

    /// <summary>The member sees by the snapshot's own digest whether all of it came.</summary>
    private static async Task SendAsync(
        NodeShell first, string file, ECDiffieHellman key, CancellationToken cancellationToken)
    {
        FileStream source;
        try
        {
            source = File.OpenRead(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0847", file, $"cannot be read: {e.Message}", "Give a file that 'baker backup' wrote.", inner: e);
        }

        await using (source.ConfigureAwait(false))
        {
            await first.WriteAsync(
                $"sh -c 'umask 077 && mkdir -p /var/lib/bootstrapper/etcd && cat > {Snapshot}'",
                target => BackupCipher.DecryptAsync(source, file, target, key, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Whatever has become of it: nothing else on the node needs the file.</summary>
    private static async Task TidyAsync(NodeShell first)
    {
        try
        {
            await first.RunAsync($"rm -f {Snapshot}", CancellationToken.None).ConfigureAwait(false);
        }
        catch (BakeException)
        {
            // the node is gone; what it failed with before is the news
        }
    }

    private async Task WaitAsync(NodeShell first, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        while (!(await first.RunAsync("bootstrapper status", cancellationToken).ConfigureAwait(false))
            .Contains(Ready, StringComparison.Ordinal))
        {
            if (time.GetElapsedTime(begun) > _patience)
            {
                throw new BakeException(
                    "BAKE0848", order.Hosts[0], "was restored, and its etcd is not ready.",
                    "'bootstrapper status' there says why. The others wait, emptied, for their start.",
                    BakeFault.Source);
            }

            await Task.Delay(_pause, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
