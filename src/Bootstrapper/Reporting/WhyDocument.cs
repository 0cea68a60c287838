namespace Images.Bootstrapper.Reporting;

/// <summary>What <c>bootstrapper why</c> prints.</summary>
internal sealed record WhyDocument
{
    public required IReadOnlyList<ProbeRecord> Probes { get; init; }

    public required IReadOnlyList<DecisionRecord> Decisions { get; init; }
}
