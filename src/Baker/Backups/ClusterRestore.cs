using System.Security.Cryptography;

namespace Images.Baker.Backups;

/// <summary>
/// Gives a cluster what a backup holds: the first member begins with it, the others are emptied and join, the masters
/// follow.
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

    /// <param name="file">Of <c>baker backup</c>.</param>
    public async Task RunAsync(string file, CancellationToken cancellationToken)
    {
        KnownHosts known = KnownHosts.Read(order.KnownHosts);
        using ECDiffieHellman key = BackupKey.OpenPrivate(order.Secrets);
        using NodeShell first = await ConnectAsync(order.Hosts[0]).ConfigureAwait(false);
        await SendAsync(first, file, key, cancellationToken).ConfigureAwait(false);
        say($"{order.Hosts[0]} has the snapshot");
        foreach (string host in order.Hosts.Skip(1))
        {
            using NodeShell other = await ConnectAsync(host).ConfigureAwait(false);
            await other.RunAsync("bootstrapper reset --yes", cancellationToken).ConfigureAwait(false);
            say($"{host} is emptied");
        }

        await first.RunAsync($"bootstrapper etcd restore {Snapshot} --yes", cancellationToken).ConfigureAwait(false);
        await first.RunAsync($"rm -f {Snapshot}", cancellationToken).ConfigureAwait(false);
        await WaitAsync(first, cancellationToken).ConfigureAwait(false);
        say($"{order.Hosts[0]} is a cluster with what the backup holds");
        foreach (string host in order.Hosts.Skip(1))
        {
            using NodeShell other = await ConnectAsync(host).ConfigureAwait(false);
            await other.RunAsync("systemctl --no-block reboot", cancellationToken).ConfigureAwait(false);
            say($"{host} starts again and joins");
        }

        foreach (string host in masters)
        {
            using NodeShell master = await ConnectAsync(host).ConfigureAwait(false);
            await master.RunAsync("systemctl --no-block restart kube-apiserver.service", cancellationToken)
                .ConfigureAwait(false);
            say($"{host} starts its API server anew");
        }

        Task<NodeShell> ConnectAsync(string host) =>
            NodeShell.ConnectAsync(host, order.SshKey, known, cancellationToken);
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
