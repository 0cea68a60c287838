using System.Security.Cryptography;
using Images.Baker.Seeds;
using Images.Baker.Ssh;

namespace Images.Baker.Backups;

/// <summary>
/// A snapshot of etcd's data off the machine: taken and proven by a member, encrypted here before it reaches a disk.
/// </summary>
internal static class ClusterBackup
{
    /// <summary>The first host that can takes it.</summary>
    /// <returns>What the member says it has proven.</returns>
    public static async Task<string> SaveAsync(
        BackupOrder order, string file, CancellationToken cancellationToken)
    {
        using ECDiffieHellman key = BackupKey.OpenPublic(order.SeedFolder);
        List<string> faults = [];
        foreach (string host in order.Hosts)
        {
            try
            {
                KnownHosts known = await order.Keys.OfAsync(host, NodeRole.Etcd, cancellationToken)
                    .ConfigureAwait(false);
                using NodeShell node = await NodeShell.ConnectAsync(host, order.SshKey, known, cancellationToken)
                    .ConfigureAwait(false);
                return await SaveAsync(node, host, file, key, cancellationToken).ConfigureAwait(false);
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
        NodeShell node, string host, string file, ECDiffieHellman key, CancellationToken cancellationToken)
    {
        const string Command = "bootstrapper etcd snapshot";
        (string snapshot, string proof) = ReadAnswer(
            await node.RunAsync(Command, cancellationToken).ConfigureAwait(false))
            ?? throw new BakeException(
                "BAKE0844", host, $"'{Command}' does not say where the snapshot is.",
                "Run an image of the same version as this program.", BakeFault.Source);
        await WriteAsync(file, async target => await node.ReadAsync(
            $"cat '{snapshot}'",
            plain => BackupCipher.EncryptAsync(plain, target, key, cancellationToken), cancellationToken)
            .ConfigureAwait(false)).ConfigureAwait(false);
        return proof;
    }

    /// <summary>"/var/lib/…/20260304T050607Z-4711.db: revision 4711, …" is the last line.</summary>
    /// <returns>Null for anything else.</returns>
    public static (string File, string Proof)? ReadAnswer(string said)
    {
        string[] parts = said.Trim().Split('\n')[^1].Split(": ", 2);
        return parts.Length == 2 && parts[0].StartsWith('/') && !parts[0].Contains('\'', StringComparison.Ordinal)
            ? (parts[0], parts[1].Trim())
            : null;
    }

    /// <summary>Under its name only when it is whole.</summary>
    public static async Task WriteAsync(string file, Func<Stream, Task> write)
    {
        string partial = file + PrivateFile.PartialSuffix;
        try
        {
            File.Delete(partial);
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            await using (FileStream target = new(partial, options))
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
            if (File.Exists(partial))
            {
                File.Delete(partial);
            }
        }
    }
}
