using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Inspection;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Boot;

/// <summary>
/// The machine looks at itself before its roles start. What is amiss is said, and with <c>node.strict</c> kept until it
/// is mended; else the roles start meanwhile.
/// </summary>
/// <param name="isStrict">As the metadata says.</param>
/// <param name="look">Takes a few seconds at most.</param>
/// <param name="narrator">Told of each finding that is news.</param>
internal sealed class JoinInspection(
    NodeRoot root, bool isStrict, Func<CancellationToken, Task<IReadOnlyList<Finding>>> look, Narrator narrator,
    TimeProvider time)
{
    private const string Matter = "findings";
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);

    /// <summary>Whether the roles wait for its end.</summary>
    public bool IsStrict => isStrict;

    public static JoinInspection For(NodeRoot root, NodeConsole console, TimeProvider time)
    {
        NodeState state = NodeState.Load(root);
        return new JoinInspection(
            root, state.Metadata.Node.IsStrict, NodeInspector.For(root, state, time).LookAsync,
            Narrator.For(root, console), time);
    }

    /// <summary>Of a strict machine it ends once nothing is in the way of its joining.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Finding> findings = InspectionFile.Read(root);
        if (findings.Count > 0 && !KeepsOut(findings))
        {
            return; // "boot" was started anew, and the services listen at their ports
        }

        GrowingPause pause = new(_longestPause, time);
        while (KeepsOut(findings = await LookAsync(cancellationToken)))
        {
            string failure = Refusal(findings).Message;
            StatusFile.Fail(root, failure);
            narrator.SayOnce(Matter, failure);
            await pause.WaitAsync(cancellationToken);
        }

        narrator.SayOnce(
            Matter, [.. findings.Where(finding => finding.IsNews).Select(finding => $"inspection: {finding}")]);
    }

    private async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Finding> findings;
        try
        {
            findings = await look(cancellationToken);
        }
#pragma warning disable CA1031 // a fault in what looks on must not keep a machine from its work, whatever it is
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            findings = [new Finding("machine", FindingWeight.Fault, $"it cannot be inspected: {FaultText.Of(e)}")];
        }

        InspectionFile.Write(root, findings);
        return findings;
    }

    private bool KeepsOut(IReadOnlyList<Finding> findings) =>
        isStrict && findings.Any(finding => finding.Weight == FindingWeight.Fault);

    private static BootFailure Refusal(IReadOnlyList<Finding> findings) => new(
        "NODE0109", "this machine",
        "it does not join its cluster, for the metadata says 'strict: true': "
            + string.Join("; ", findings.Where(finding => finding.Weight == FindingWeight.Fault)),
        "mend it, and it joins by itself, or take 'strict' out of the metadata");
}
