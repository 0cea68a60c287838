using System.Collections.Immutable;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.AddOns;

/// <summary>
/// Sees, on every master, that the newest set of add-ons stands: one master at a time applies, by a lease; a record
/// says what was applied.
/// </summary>
/// <param name="connect">
/// The API as administrator: add-ons hold access rules, which nobody may give who does not have them.
/// </param>
/// <param name="read">The set as it is now; asked for each look.</param>
/// <param name="node">This machine's name.</param>
/// <param name="narrator">Told what was changed, and each new reason for what fails.</param>
/// <param name="time">Of pauses and of the record.</param>
internal sealed class AddOnDuty(
    Func<KubernetesClient> connect, Func<AddOnSet> read, string node, Narrator narrator, TimeProvider time)
{
    private static readonly TimeSpan _shortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _settled = TimeSpan.FromMinutes(5);

    private readonly KubernetesLease _lease = new(
        AddOnRecord.Namespace, AddOnRecord.Name, node, new LeaseTimes(), time);
    private readonly HashSet<string> _complaints = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = _shortestPause;
        while (true)
        {
            if (await LookAsync(cancellationToken))
            {
                pause = _shortestPause;
                await Task.Delay(_settled, time, cancellationToken);
            }
            else
            {
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
            }
        }
    }

    /// <summary>One look, and what it leads to. False when another is needed soon.</summary>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            AddOnSet set = read();
            using KubernetesClient client = connect();
            AddOnRecord? record = await AddOnRecord.FindAsync(client, cancellationToken);
            AddOnDecision decision = AddOnRule.Judge(record, set, time.GetUtcNow());
            if (decision != AddOnDecision.Apply)
            {
                Settle(decision, record);
                return true;
            }

            bool isDone = false;
            await _lease.WorkAsync(
                client, async working => isDone = await ApplyAsync(client, set, working), cancellationToken);
            return isDone;
        }
        catch (Exception e) when (e is KubernetesApiException or IOException or InvalidDataException)
        {
            Complain($"add-ons cannot be applied, trying again: {FaultText.Of(e)}");
            return false;
        }
    }

    /// <summary>Under the lease. Looks once more first: another master may have been at it until now.</summary>
    private async Task<bool> ApplyAsync(KubernetesClient client, AddOnSet set, CancellationToken cancellationToken)
    {
        AddOnRecord? before = await AddOnRecord.FindAsync(client, cancellationToken);
        if (AddOnRule.Judge(before, set, time.GetUtcNow()) != AddOnDecision.Apply)
        {
            return false;
        }

        AddOnRecord begun = await AddOnRecord.Begin(set, before, node, time.GetUtcNow())
            .WriteAsync(client, cancellationToken);
        AddOnChange change = new(client, time);
        Dictionary<AddOnName, string> refusals = new(await change.ApplyAsync(set.Objects, cancellationToken));
        ImmutableArray<AddOnName> present = [.. set.Objects.Select(AddOnName.Of)], listed = begun.Objects;
        if (refusals.Count + set.Faults.Count == 0)
        {
            // only now: what replaces the old may be what was refused
            refusals = new Dictionary<AddOnName, string>(
                await change.RemoveAsync(listed.Except(present), narrator, cancellationToken));
            listed = [.. present, .. refusals.Keys];
        }

        bool isWhole = refusals.Count + set.Faults.Count == 0;
        await (begun with
        {
            State = isWhole ? AddOnRecord.Applied : AddOnRecord.Incomplete,
            Time = time.GetUtcNow(),
            Objects = listed,
        }).WriteAsync(client, cancellationToken);
        Report(set, refusals, isNew: before?.Digest != set.Digest);
        return isWhole;
    }

    private void Report(AddOnSet set, Dictionary<AddOnName, string> refusals, bool isNew)
    {
        foreach (string fault in set.Faults)
        {
            Complain($"add-ons: {fault}");
        }

        foreach ((AddOnName item, string reason) in refusals)
        {
            Complain(
                $"add-ons: {item.Kind} {(item.Namespace.Length == 0 ? "" : $"{item.Namespace}/")}{item.Name} "
                    + $"is refused, trying again: {reason}");
        }

        if (refusals.Count + set.Faults.Count == 0 && (isNew || _complaints.Count > 0))
        {
            _complaints.Clear();
            narrator.Say($"add-ons: all {set.Objects.Count} objects of image {set.Version} stand");
        }
    }

    /// <summary>Says once why nothing is done here, where another's set stands.</summary>
    private void Settle(AddOnDecision decision, AddOnRecord? record)
    {
        string said = decision switch
        {
            AddOnDecision.LeaveToNewer =>
                $"add-ons: those of the newer image {record!.Version} stand, this one's are left alone",
            AddOnDecision.LeaveToSuccessor =>
                $"add-ons: others of image {record!.Version} have replaced this one's, which are left alone "
                    + $"(to have them back, delete the ConfigMap {AddOnRecord.Namespace}/{AddOnRecord.Name})",
            _ => "",
        };
        _complaints.Clear();
        narrator.SayOnce("whose add-ons stand", said.Length > 0 ? [said] : []);
    }

    private void Complain(string line)
    {
        if (_complaints.Add(line))
        {
            narrator.Say(line);
        }
    }
}
