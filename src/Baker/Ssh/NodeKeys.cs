using Images.Baker.Seeds;

namespace Images.Baker.Ssh;

/// <summary>
/// Which host keys count: those of a file that the user gives, or else those that machines say over TLS.
/// </summary>
internal sealed class NodeKeys
{
    private readonly Func<string, NodeRole, CancellationToken, Task<KnownHosts>> _find;

    private NodeKeys(Func<string, NodeRole, CancellationToken, Task<KnownHosts>> find) => _find = find;

    /// <param name="seedFolder">What <c>baker seed</c> was given as <c>--out</c>.</param>
    /// <param name="knownHosts">In OpenSSH's form; null where the machines are asked.</param>
    /// <param name="say">Told of each machine that is new.</param>
    /// <exception cref="BakeException">File or folder cannot be read.</exception>
    public static NodeKeys Of(string seedFolder, string? knownHosts, Action<string> say)
    {
        if (knownHosts is not null)
        {
            KnownHosts known = KnownHosts.Read(knownHosts);
            return new NodeKeys((_, _, _) => Task.FromResult(known));
        }

        (HostKeyBook book, _) = BookOf(seedFolder, say);
        return new NodeKeys(async (host, role, cancellationToken) => new KnownHosts(
            (await book.AskAsync(host, role, cancellationToken).ConfigureAwait(false)).Lines));
    }

    /// <summary>Of the cluster whose secrets lie there.</summary>
    /// <inheritdoc cref="Of"/>
    public static (HostKeyBook Book, KnownMachineFile File) BookOf(string seedFolder, Action<string> say)
    {
        string secrets = ClusterFolder.Find(seedFolder).Secrets;
        KnownMachineFile file = new(secrets);
        HostKeyClient client = new(ClusterTrust.Read(secrets), HostKeyClient.UsualPatience);
        return (new HostKeyBook(client, file, say), file);
    }

    /// <param name="host">A name or an address, perhaps with a port behind a colon.</param>
    /// <param name="role">As what the machine must prove itself where it is asked.</param>
    /// <exception cref="BakeException">It does not answer, is not believed, or has another key than it had.</exception>
    public Task<KnownHosts> OfAsync(string host, NodeRole role, CancellationToken cancellationToken) =>
        _find(host, role, cancellationToken);
}
