using System.Globalization;

namespace Images.Baker.Upgrading;

/// <summary>
/// Takes a cluster's machines to an image, one after another. What a machine is to do next is read off the machine
/// itself each time, so a run that was cut short anywhere is gone on with by the next one.
/// </summary>
/// <param name="target">The image.</param>
/// <param name="machines">All that are to run it.</param>
/// <param name="limits">How long to wait.</param>
/// <param name="say">Told which machine, and what of it.</param>
internal sealed class ClusterUpgrade(
    UpgradeTarget target, IReadOnlyList<IUpgradeMachine> machines, UpgradeLimits limits, Action<string, string> say,
    TimeProvider time)
{
    private const int MostNamed = 5;

    /// <summary>Images are sent to so many machines at a time.</summary>
    private const int MostUploads = 4;

    private string RootHash => target.Manifest.RootHash;

    /// <summary>Asks every machine; changes nothing.</summary>
    /// <param name="cluster">With its domain.</param>
    /// <param name="again">Whether an image that was given up is tried again.</param>
    public async Task<UpgradePlan> PlanAsync(string cluster, bool again, CancellationToken cancellationToken)
    {
        (IUpgradeMachine Machine, MachineLook? Look, BakeException? Fault)[] looks = await Task.WhenAll(
            machines.Select(machine => FindAsync(machine, cancellationToken))).ConfigureAwait(false);
        IReadOnlyList<string>[] unwell = await Task.WhenAll(
            looks.Where(look => look.Look is not null && NeedsOthers(look.Look))
                .Select(look => FaultsAsync(look.Machine, cancellationToken))).ConfigureAwait(false);
        return UpgradePlanner.Plan(
            target, looks, cluster, again, [.. unwell.SelectMany(faults => faults).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Stages everywhere, then takes one machine at a time; stops at the first that is not well.</summary>
    /// <param name="plan">Without faults.</param>
    /// <param name="held">Holds other upgrades off.</param>
    /// <param name="nodes">The Nodes of workers; null in a cluster without Kubernetes.</param>
    public async Task RunAsync(
        UpgradePlan plan, IUpgradeLock held, IClusterNodes? nodes, CancellationToken cancellationToken)
    {
        await StageAsync(plan, cancellationToken).ConfigureAwait(false);
        foreach (UpgradeStep step in plan.Steps)
        {
            await UpgradeAsync(plan, step, held, step.Look.Node is null ? null : nodes, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task StageAsync(UpgradePlan plan, CancellationToken cancellationToken)
    {
        BakeException?[] faults = new BakeException?[plan.Steps.Count];
        await Parallel.ForEachAsync(
            plan.Steps.Select((step, number) => (step, number)).Where(item => item.step.State == ImageState.Other),
            new ParallelOptions { MaxDegreeOfParallelism = MostUploads, CancellationToken = cancellationToken },
            async (item, token) => faults[item.number] = await StageAsync(item.step, token).ConfigureAwait(false))
            .ConfigureAwait(false);
        foreach (BakeException fault in faults.OfType<BakeException>().Skip(1))
        {
            say(fault.Place, $"{fault.Code}  {UpgradeRules.OneLine(fault.Problem)}");
        }

        if (faults.OfType<BakeException>().FirstOrDefault() is { } first)
        {
            throw first;
        }
    }

    /// <returns>Why not; what others do is not changed by it.</returns>
    private async Task<BakeException?> StageAsync(UpgradeStep step, CancellationToken cancellationToken)
    {
        try
        {
            long begun = time.GetTimestamp();
            say(step.Name, "the image is sent");
            await step.Machine.StageAsync(cancellationToken).ConfigureAwait(false);
            say(step.Name, $"holds the image beside the one that runs, after {Seconds(begun)}");
            return null;
        }
        catch (BakeException e)
        {
            return e;
        }
    }

    private async Task UpgradeAsync(
        UpgradePlan plan, UpgradeStep step, IUpgradeLock held, IClusterNodes? nodes,
        CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        ImageState first = await StateAsync(step, cancellationToken).ConfigureAwait(false);
        if (first is ImageState.Staged or ImageState.Armed)
        {
            await RequireOthersAsync(plan, step, cancellationToken).ConfigureAwait(false);
        }

        // it may have been about to restart when a run before this one was cut short
        ImageState state = await StateAsync(step, cancellationToken).ConfigureAwait(false);
        if (state is ImageState.Staged or ImageState.Armed)
        {
            await held.RequireAsync(cancellationToken).ConfigureAwait(false);
            await SendAwayAsync(step, state, held, nodes, cancellationToken).ConfigureAwait(false);
        }

        await WaitForImageAsync(step, cancellationToken).ConfigureAwait(false);
        await WaitUntilWellAsync(step, nodes, cancellationToken).ConfigureAwait(false);
        say(step.Name, first == ImageState.Kept
            ? $"runs {target.Manifest.Version} and is well"
            : $"runs {target.Manifest.Version} and is well, after {Seconds(begun)}");
    }

    /// <exception cref="BakeException">It is not to be found, or the image is not there.</exception>
    private async Task<ImageState> StateAsync(UpgradeStep step, CancellationToken cancellationToken)
    {
        (_, MachineLook? look, BakeException? fault) = await FindAsync(step.Machine, cancellationToken)
            .ConfigureAwait(false);
        ImageState state = UpgradeRules.StateOf(look ?? throw fault!, RootHash);
        return state != ImageState.Other ? state
            : look.Failed.Contains(RootHash, StringComparer.Ordinal) ? throw Returned(step, look)
            : throw new BakeException(
                "BAKE0976", step.Host, "holds the image no more: somebody else has written another one there.",
                "Run this again.");
    }

    /// <summary>
    /// From a machine that works to one that restarts into the image. What goes wrong before it is armed leaves its
    /// Node as it was.
    /// </summary>
    private async Task SendAwayAsync(
        UpgradeStep step, ImageState state, IUpgradeLock held, IClusterNodes? nodes,
        CancellationToken cancellationToken)
    {
        bool isArmed = false;
        try
        {
            if (nodes is not null)
            {
                await DrainAsync(step, nodes, cancellationToken).ConfigureAwait(false);
                await held.RequireAsync(cancellationToken).ConfigureAwait(false); // pods may have taken their time
            }

            if (step.Look.Has(UpgradeRules.Etcd))
            {
                say(step.Name, await step.Machine.HandOverAsync(cancellationToken).ConfigureAwait(false));
            }

            if (state == ImageState.Staged)
            {
                await step.Machine.ArmAsync(cancellationToken).ConfigureAwait(false);
            }

            isArmed = true;
        }
        finally
        {
            if (!isArmed && nodes is not null)
            {
                await OpenAgainAsync(nodes, step.Look.Node!).ConfigureAwait(false);
            }
        }

        say(step.Name, "restarts");
        await step.Machine.RestartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whoever does the same work must do it while this one is away.</summary>
    private async Task RequireOthersAsync(UpgradePlan plan, UpgradeStep step, CancellationToken cancellationToken)
    {
        UpgradeStep[] others =
        [
            .. plan.Steps.Where(other => other != step
                && other.Look.Roles.Any(role => role != UpgradeRules.Worker && step.Look.Has(role))),
        ];
        long begun = time.GetTimestamp();
        while (true)
        {
            IReadOnlyList<string>[] faults = await Task.WhenAll(others.Select(other => other.Machine)
                .Concat(step.Look.Has(UpgradeRules.Etcd) ? [step.Machine] : (IUpgradeMachine[])[])
                .Select(machine => FaultsAsync(machine, cancellationToken))).ConfigureAwait(false);
            string[] all = [.. faults.SelectMany(some => some).Distinct(StringComparer.Ordinal)];
            if (all.Length == 0)
            {
                return;
            }

            if (time.GetElapsedTime(begun) > limits.Others)
            {
                throw new BakeException(
                    "BAKE0977", step.Host, $"cannot be spared: {Some(all)}.",
                    "Mend that, and run this again: it goes on where it was.", BakeFault.Source);
            }

            await Task.Delay(limits.Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Until no pod is left that others replace.</summary>
    private async Task DrainAsync(UpgradeStep step, IClusterNodes nodes, CancellationToken cancellationToken)
    {
        string node = step.Look.Node!;
        if (await nodes.CloseAsync(node, cancellationToken).ConfigureAwait(false))
        {
            await EndPodsAsync(step, nodes, node, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            say(step.Name, "no other Node takes its pods: they end with it and come back with it");
        }
    }

    private async Task EndPodsAsync(
        UpgradeStep step, IClusterNodes nodes, string node, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        int said = -1;
        while (true)
        {
            IReadOnlyList<string> left = await LeftAsync(nodes, node, cancellationToken).ConfigureAwait(false);
            if (left.Count == 0)
            {
                say(step.Name, $"is drained after {Seconds(begun)}");
                return;
            }

            if (left.Count != said)
            {
                said = left.Count;
                say(step.Name, $"{(said == 1 ? "1 pod is" : $"{said} pods are")} to move first: {Some(left)}");
            }

            if (time.GetElapsedTime(begun) > limits.Drain)
            {
                throw new BakeException(
                    "BAKE0981", step.Host,
                    $"is not drained within {limits.Drain.TotalMinutes:0.#} minutes: {Some(left)}.",
                    "Look at these pods and their disruption budgets, or give --drain-timeout more; then run this "
                        + "again. The machine takes pods as before.", BakeFault.Source);
            }

            await Task.Delay(limits.Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>An API that is away for a moment is a reason to wait, too.</summary>
    private static async Task<IReadOnlyList<string>> LeftAsync(
        IClusterNodes nodes, string node, CancellationToken cancellationToken)
    {
        try
        {
            return await nodes.EvictAsync(node, cancellationToken).ConfigureAwait(false);
        }
        catch (BakeException e) when (e.Fault == BakeFault.Source)
        {
            return [UpgradeRules.OneLine($"{e.Place} {e.Problem}")];
        }
    }

    private async Task OpenAgainAsync(IClusterNodes nodes, string node)
    {
        using CancellationTokenSource limit = new(limits.Tidying, time);
        try
        {
            await nodes.OpenAsync(node, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is BakeException or OperationCanceledException)
        {
            // why it came to this is the news; the next run opens it
        }
    }

    /// <summary>Until the machine has kept the image, or has given it up.</summary>
    private async Task WaitForImageAsync(UpgradeStep step, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        ImageState? before = null;
        string last = "it has said nothing since";
        while (true)
        {
            (_, MachineLook? look, BakeException? fault) = await LookAsync(step.Machine, cancellationToken)
                .ConfigureAwait(false);
            ImageState? state = look is null ? null : UpgradeRules.StateOf(look, RootHash);
            switch (state)
            {
                case ImageState.Kept:
                    return;
                case ImageState.Other or ImageState.Staged:
                    throw Returned(step, look!);
                case ImageState.OnTrial when before != ImageState.OnTrial:
                    say(step.Name, $"tries {target.Manifest.Version}");
                    break;
            }

            before = state ?? before;
            last = fault is null ? $"it is {Words(state!.Value)}" : UpgradeRules.OneLine(fault.Problem);
            if (time.GetElapsedTime(begun) > limits.Boot)
            {
                throw new BakeException(
                    "BAKE0979", step.Host,
                    $"has not kept the image within {limits.Boot.TotalMinutes:0} minutes: {last}.",
                    "See its console. Where it hangs, switch it off and on: after three tries it starts the image from "
                        + "before.", BakeFault.Source);
            }

            await Task.Delay(limits.Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Words(ImageState state) =>
        state == ImageState.OnTrial ? "still on trial there" : "still to restart";

    private static BakeException Returned(UpgradeStep step, MachineLook look) => new(
        "BAKE0978", step.Host,
        $"is back on image {look.Version}: "
            + $"{UpgradeRules.OneLine(look.LastFailure ?? "the new one was never tried")}. No other machine is taken.",
        "Mend what was wrong: with a new image, or the same one and --again. What runs the new image already "
            + "goes on with it.");

    /// <summary>Until its services are ready, it is a member among healthy ones, and its Node takes pods.</summary>
    private async Task WaitUntilWellAsync(UpgradeStep step, IClusterNodes? nodes, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            IReadOnlyList<string> faults = await FaultsAsync(step.Machine, cancellationToken).ConfigureAwait(false);
            if (faults.Count == 0 && nodes is not null)
            {
                faults = await OpenAsync(step, nodes, cancellationToken).ConfigureAwait(false);
            }

            if (faults.Count == 0)
            {
                return;
            }

            if (time.GetElapsedTime(begun) > limits.Health)
            {
                throw new BakeException(
                    "BAKE0980", step.Host,
                    $"runs the image, and is not well after {limits.Health.TotalMinutes:0} minutes: {Some(faults)}.",
                    "'bootstrapper status' there says more; 'bootstrapper rollback' there goes back. No other machine "
                        + "is taken.", BakeFault.Source);
            }

            await Task.Delay(limits.Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Why it takes no pods yet.</returns>
    private async Task<IReadOnlyList<string>> OpenAsync(
        UpgradeStep step, IClusterNodes nodes, CancellationToken cancellationToken)
    {
        string node = step.Look.Node!;
        try
        {
            if (!await nodes.IsReadyAsync(node, cancellationToken).ConfigureAwait(false))
            {
                return [$"the Node {node} is not Ready"];
            }

            if (await nodes.OpenAsync(node, cancellationToken).ConfigureAwait(false))
            {
                say(step.Name, "takes pods again");
            }

            return [];
        }
        catch (BakeException e) when (e.Fault == BakeFault.Source)
        {
            return [UpgradeRules.OneLine($"{e.Place} {e.Problem}")];
        }
    }

    private static bool NeedsOthers(MachineLook look) => look.Roles.Any(role => role != UpgradeRules.Worker);

    private static async Task<IReadOnlyList<string>> FaultsAsync(
        IUpgradeMachine machine, CancellationToken cancellationToken)
    {
        try
        {
            MachineHealth health = await machine.HealthAsync(cancellationToken).ConfigureAwait(false);
            return [.. health.Faults.Select(fault => $"{machine.Host}: {fault}"), .. health.EtcdFaults];
        }
        catch (BakeException e) when (e.Fault == BakeFault.Source)
        {
            return [$"{machine.Host} {UpgradeRules.OneLine(e.Problem)}"];
        }
    }

    /// <summary>A look at a machine that may be restarting.</summary>
    private async Task<(IUpgradeMachine Machine, MachineLook? Look, BakeException? Fault)> FindAsync(
        IUpgradeMachine machine, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        bool isSaid = false;
        while (true)
        {
            (IUpgradeMachine Machine, MachineLook? Look, BakeException? Fault) found =
                await LookAsync(machine, cancellationToken).ConfigureAwait(false);
            if (found.Fault is not { Fault: BakeFault.Source } || time.GetElapsedTime(begun) > limits.Others)
            {
                return found;
            }

            if (!isSaid)
            {
                isSaid = true;
                say(machine.Host, $"does not answer; asked again for {limits.Others.TotalMinutes:0} minutes");
            }

            await Task.Delay(limits.Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<(IUpgradeMachine Machine, MachineLook? Look, BakeException? Fault)> LookAsync(
        IUpgradeMachine machine, CancellationToken cancellationToken)
    {
        try
        {
            return (machine, await machine.LookAsync(cancellationToken).ConfigureAwait(false), null);
        }
        catch (BakeException e)
        {
            return (machine, null, e);
        }
    }

    private static string Some(IReadOnlyList<string> all) =>
        string.Join("; ", all.Take(MostNamed).Select(UpgradeRules.OneLine))
            + (all.Count > MostNamed ? $"; and {all.Count - MostNamed} more" : "");

    private string Seconds(long since) => string.Create(
        CultureInfo.InvariantCulture, $"{time.GetElapsedTime(since).TotalSeconds:0} s");
}
