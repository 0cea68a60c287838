using System.Security.Cryptography;

namespace Images.Baker.Backups;

/// <summary>
/// A snapshot of etcd's data off the machine: taken and proven by a member, encrypted here before it reaches a disk.
/// </summary>
internal static class ClusterBackup
{
    private const string Extension = ".partial";

    /// <summary>The first host that can takes it.</summary>
    /// <returns>What the member says it has proven.</returns>
    public static async Task<string> SaveAsync(
        BackupOrder order, string file, CancellationToken cancellationToken)
    {
        using ECDiffieHellman key = BackupKey.OpenPublic(order.Secrets);
        KnownHosts known = KnownHosts.Read(order.KnownHosts);
        List<string> faults = [];
        foreach (string host in order.Hosts)
        {
            try
            {
                using NodeShell node = await NodeShell.ConnectAsync(host, order.SshKey, known, cancellationToken)
                    .ConfigureAwait(false);
                return await SaveAsync(node, file, key, cancellationToken).ConfigureAwait(false);
            }
            catch (BakeException e) when (e.Fault == BakeFault.Source)
            {
                faults.Add($"{e.Place}: {e.Problem}");
            }
        }

        throw new BakeException(
            "BAKE0845", string.Join(", ", order.Hosts), $"no member gave a snapshot: {string.Join(" ", faults)}",
            "See how the members are: 'bootstrapper status' on one of them.", BakeFault.Source);
    }

    private static async Task<string> SaveAsync(
        NodeShell node, string file, ECDiffieHellman key, CancellationToken cancellationToken)
    {
        // "/var/lib/…/20260304T050607Z-4711.db: revision 4711, …"
        string said = (await node.RunAsync("bootstrapper etcd snapshot", cancellationToken).ConfigureAwait(false))
            .Trim();
        string snapshot = said.Split(':', 2)[0];
        await WriteAsync(file, async target => await node.ReadAsync(
            $"cat '{snapshot}'",
            plain => BackupCipher.EncryptAsync(plain, target, key, cancellationToken), cancellationToken)
            .ConfigureAwait(false)).ConfigureAwait(false);
        return said[(snapshot.Length + 1)..].Trim();
    }

    /// <summary>Under its name only when it is whole.</summary>
    private static async Task WriteAsync(string file, Func<Stream, Task> write)
    {
        string partial = file + Extension;
        try
        {
            File.Delete(partial);
            await using (FileStream target = new(partial, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
            }))
            {
                await write(target).ConfigureAwait(false);
                target.Flush(flushToDisk: true);
            }

            File.Move(partial, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0846", file, $"cannot be written: {e.Message}", "Choose another place with --out, or make room.",
                BakeFault.Output, e);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
