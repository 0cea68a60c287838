namespace Images.Bootstrapper.Reporting;

/// <summary>What <c>bootstrapper why</c> prints.</summary>
internal sealed record WhyDocument
{
    public required IReadOnlyList<ProbeRecord> Probes { get; init; }

    public required IReadOnlyList<DecisionRecord> Decisions { get; init; }

    /// <summary>
    /// The first of them, which <c>boot</c> made: who this machine is stands there for as long as it runs.
    /// </summary>
    public int DecisionsOfBoot { get; init; }
}
