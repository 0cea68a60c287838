// A plan and what it consists of, read together.
#pragma warning disable MA0048
namespace Images.Baker.Upgrading;

/// <summary>What an upgrade would do, and what keeps it from that.</summary>
internal sealed record UpgradePlan
{
    public required UpgradeTarget Target { get; init; }

    /// <summary>In the order in which they are taken.</summary>
    public required IReadOnlyList<UpgradeStep> Steps { get; init; }

    /// <summary>Worth knowing; nothing is kept from going on by it.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>With one of these nothing is begun.</summary>
    public required IReadOnlyList<BakeException> Faults { get; init; }

    /// <summary>What is not well at this moment: each step waits for it, and stops where it stays so.</summary>
    public required IReadOnlyList<string> Unwell { get; init; }

    /// <summary>Their hosts.</summary>
    public IEnumerable<string> Masters =>
        Steps.Where(step => step.Look.Has(UpgradeRules.Master)).Select(step => step.Host);

    /// <summary>Whether one of them is a worker.</summary>
    public bool HasNodes => Steps.Any(step => step.Look.Node is not null);
}

/// <summary>One machine's way.</summary>
internal sealed record UpgradeStep(IUpgradeMachine Machine, MachineLook Look, string RootHash)
{
    public string Host => Machine.Host;

    public UpgradePhase Phase { get; } = UpgradeRules.PhaseOf(Look);

    public ImageState State { get; } = UpgradeRules.StateOf(Look, RootHash);

    /// <summary>How it is called in what is shown.</summary>
    public string Name => Look.Hostname.Length > 0 ? Look.Hostname : Host;
}

/// <summary>Makes a plan of what machines say.</summary>
internal static class UpgradePlanner
{
    /// <param name="target">What they are to run.</param>
    /// <param name="machines">Each one's look, or why there is none.</param>
    /// <param name="cluster">With its domain; machines of another one are refused.</param>
    /// <param name="again">Whether an image that was given up is tried again.</param>
    /// <param name="unwell">What is not well.</param>
    public static UpgradePlan Plan(
        UpgradeTarget target,
        IReadOnlyList<(IUpgradeMachine Machine, MachineLook? Look, BakeException? Fault)> machines,
        string cluster, bool again, IReadOnlyList<string> unwell)
    {
        UpgradeStep[] steps =
        [
            .. machines.Where(machine => machine.Look is not null)
                .Select(machine => new UpgradeStep(machine.Machine, machine.Look!, target.Manifest.RootHash))
                .DistinctBy(step => step.Look.Hostname.Length > 0
                    ? (step.Look.Hostname, step.Look.Address)
                    : ("", step.Host))
                // who runs it already comes first: a run was cut short there, and it must be well before others go
                .OrderBy(step => step.State < ImageState.OnTrial)
                .ThenBy(step => step.Phase)
                .ThenBy(step => step.Name, StringComparer.Ordinal),
        ];
        return new UpgradePlan
        {
            Target = target,
            Steps = steps,
            Notes = UpgradeRules.Notes([.. steps.Select(step => step.Look)], target.Manifest),
            Faults =
            [
                .. machines.Select(machine => machine.Fault).OfType<BakeException>(),
                .. steps.Select(step => OfAnotherCluster(step, cluster)
                    ?? UpgradeRules.Refusal(step.Host, step.Look, target.Manifest, again)).OfType<BakeException>(),
            ],
            Unwell = unwell,
        };
    }

    private static BakeException? OfAnotherCluster(UpgradeStep step, string cluster) => step.Look.Cluster == cluster
        ? null
        : new BakeException(
            "BAKE0985", step.Host,
            step.Look.Cluster.Length == 0
                ? "is of no cluster yet."
                : $"is of the cluster {step.Look.Cluster}, not of {cluster}.",
            "Name the machines and the seeds of one cluster.");
}
