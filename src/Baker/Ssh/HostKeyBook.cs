using Images.NodeConfig.Ssh;

namespace Images.Baker.Ssh;

/// <summary>
/// The host keys of a cluster's machines: asked of each once in a run, compared with what it said before, and kept.
/// </summary>
/// <param name="client">Asks.</param>
/// <param name="file">Remembers.</param>
/// <param name="say">Told of each machine that is new.</param>
internal sealed class HostKeyBook(HostKeyClient client, KnownMachineFile file, Action<string> say)
{
    private const string OtherKey = "BAKE0969";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, KnownMachine> _asked = new(StringComparer.Ordinal);

    /// <param name="host">A name or an address, perhaps with the port of its sshd behind a colon.</param>
    /// <param name="role">As what it must prove itself.</param>
    /// <exception cref="BakeException">It does not answer, is not believed, or has another key than it had.</exception>
    public async Task<KnownMachine> AskAsync(string host, NodeRole role, CancellationToken cancellationToken)
    {
        string name = host.ToLowerInvariant();
        lock (_gate)
        {
            // a machine that was emptied in this run says nothing before its next start, and keeps its keys
            if (_asked.TryGetValue(name, out KnownMachine? machine) && machine.Role == role)
            {
                return machine;
            }
        }

        HostKeyWord word = await client.AskAsync(SshPlace.Parse(name).Name, role, cancellationToken)
            .ConfigureAwait(false);
        return Keep(new KnownMachine
        {
            Host = name,
            Role = role,
            HostName = word.HostName,
            Machine = word.Machine,
            Keys = word.Keys,
        });
    }

    /// <summary>All at once. Those that answer are kept whatever others do.</summary>
    /// <returns>In the same order; the worst fault is the first of them.</returns>
    public async Task<(IReadOnlyList<KnownMachine> Machines, IReadOnlyList<BakeException> Faults)> AskAllAsync(
        IEnumerable<(string Host, NodeRole Role)> machines, CancellationToken cancellationToken)
    {
        (KnownMachine? Machine, BakeException? Fault)[] answers = await Task.WhenAll(
            machines.Select(machine => TryAsync(machine.Host, machine.Role, cancellationToken))).ConfigureAwait(false);
        return (
            [.. answers.Select(answer => answer.Machine).OfType<KnownMachine>()],
            [
                .. answers.Select(answer => answer.Fault).OfType<BakeException>()
                    .OrderBy(fault => fault.Code != OtherKey),
            ]);
    }

    private async Task<(KnownMachine? Machine, BakeException? Fault)> TryAsync(
        string host, NodeRole role, CancellationToken cancellationToken)
    {
        try
        {
            return (await AskAsync(host, role, cancellationToken).ConfigureAwait(false), null);
        }
        catch (BakeException e)
        {
            return (null, e);
        }
    }

    private KnownMachine Keep(KnownMachine machine)
    {
        lock (_gate)
        {
            IReadOnlyList<KnownMachine> all = file.Read();
            KnownMachine? before = all.FirstOrDefault(other => other.Host == machine.Host);
            KnownMachineNews news = machine.NewsSince(before);
            if (news == KnownMachineNews.Changed)
            {
                throw Changed(before!, machine);
            }

            if (before is null || !IsSame(before, machine))
            {
                file.Write([.. all.Where(other => other.Host != machine.Host), machine]);
            }

            _asked[machine.Host] = machine;
            Tell(news, before, machine);
            return machine;
        }
    }

    private static bool IsSame(KnownMachine one, KnownMachine other) =>
        one with { Keys = [] } == other with { Keys = [] } && one.Keys.SequenceEqual(other.Keys);

    private BakeException Changed(KnownMachine before, KnownMachine now)
    {
        SshPublicKey other = now.Keys.FirstOrDefault(key => !before.Keys.Contains(key)) ?? now.Keys[0];
        SshPublicKey had = before.Keys.FirstOrDefault(key => key.Type == other.Type) ?? before.Keys[0];
        return new BakeException(
            OtherKey, now.Host,
            $"is the machine that it was ({now.HostName}) and has another host key: {other.Type} {other.Fingerprint}, "
                + $"before {had.Type} {had.Fingerprint}.",
            "Do not log in, unless you made its keys anew yourself: then remove its entry from "
                + $"{file.Place}. A machine with a new disk is another one, and is taken.");
    }

    private void Tell(KnownMachineNews news, KnownMachine? before, KnownMachine machine)
    {
        if (news is KnownMachineNews.First)
        {
            say($"{machine.Host} is {machine.HostName}, asked for the first time: {Fingerprints(machine)}");
        }
        else if (news is KnownMachineNews.Another)
        {
            say($"{machine.Host} is another machine than before, {machine.HostName} (before {before!.HostName}), "
                + $"with other host keys: {Fingerprints(machine)}");
        }
    }

    public static string Fingerprints(KnownMachine machine) =>
        string.Join(", ", machine.Keys.Select(key => $"{key.Type} {key.Fingerprint}"));
}
