using System.Globalization;
using Images.Bootstrapper.Datasources;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Boot;

/// <summary>
/// Asks all datasources, in order, until one has metadata that can be read, saying on the console what it looks for.
/// </summary>
internal sealed class MetadataSearch(
    NodeRoot root,
    IReadOnlyList<IDatasource> datasources,
    CompiledRoles roles,
    NodeConsole console,
    WhyTrace trace,
    TimeProvider time)
{
    private static readonly TimeSpan _eagerPeriod = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _eagerPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _pauseAfterRefusal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _patienceWithRemembered = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _firstReport = TimeSpan.FromSeconds(10);

    /// <summary>What was said of each datasource that has something unusable.</summary>
    private readonly Dictionary<string, string> _faults = new(StringComparer.Ordinal);

    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    private long _started;
    private long _reported;
    private bool _hasReported;
    private string _refusal = "";

    /// <param name="memory">Of where this machine's metadata came from before.</param>
    /// <param name="giveUpAfter">How long to look when a copy from an earlier boot can serve; null is for ever.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>Null when the time is over, or when what is found is broken and a copy can serve.</returns>
    public async Task<AcceptedMetadata?> FindAsync(
        SourceMemory memory, TimeSpan? giveUpAfter, CancellationToken cancellationToken)
    {
        _started = _reported = time.GetTimestamp();
        while (true)
        {
            FoundMetadata? found = await AskAllAsync(memory, cancellationToken);
            AcceptedMetadata? accepted = found is null ? null : TryParse(found);
            if (accepted is not null)
            {
                console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"datasource {accepted.Source} after {time.GetElapsedTime(_started).TotalSeconds:F1} s"));
                return accepted;
            }

            if (giveUpAfter is not null && (found is not null || time.GetElapsedTime(_started) >= giveUpAfter))
            {
                return null;
            }

            Report(found is not null);
            await Task.Delay(Pause(found is not null), time, cancellationToken);
        }
    }

    private async Task<FoundMetadata?> AskAllAsync(SourceMemory memory, CancellationToken cancellationToken)
    {
        FoundMetadata? another = null;
        foreach (IDatasource datasource in datasources)
        {
            long start = time.GetTimestamp();
            DatasourceAnswer answer = await AskAsync(datasource, memory, cancellationToken);
            bool isAnother = answer.Metadata is { } found && !memory.Knows(found);
            string result = answer switch
            {
                { Metadata: not null } => isAnother ? "left" : "found",
                { Insists: true } => "waiting",
                { IsFault: true } => "unusable",
                _ => "absent",
            };
            trace.Probed(
                datasource.Name, result, answer.Metadata?.Source ?? answer.Reason,
                (int)time.GetElapsedTime(start).TotalMilliseconds);
            if (isAnother)
            {
                another ??= memory.Accepts(answer.Metadata!.Origin!) ? answer.Metadata : null;
                SayLeft(answer.Metadata!, memory);
            }
            else if (answer.Metadata is not null || answer.Insists)
            {
                return answer.Metadata;
            }
        }

        // a drive may show itself late, and while the remembered source is there no other one is taken
        return time.GetElapsedTime(_started) >= _patienceWithRemembered ? another : null;
    }

    private void SayLeft(FoundMetadata found, SourceMemory memory)
    {
        if (!memory.Accepts(found.Origin!))
        {
            SayOnce(
                $"metadata left: NODE0005  {found.Source}: this machine's metadata comes from {memory.Origin}, and "
                    + $"this is another source; if that one is gone for good, {Acceptance.Remedy(found.Origin!)}");
        }
    }

    private void SayOnce(string line)
    {
        if (_said.Add(line))
        {
            console.WriteLine(line);
            trace.Decided(line);
        }
    }

    private async Task<DatasourceAnswer> AskAsync(
        IDatasource datasource, SourceMemory memory, CancellationToken cancellationToken)
    {
        DatasourceAnswer answer;
        try
        {
            answer = await datasource.AskAsync(memory, cancellationToken);
        }
#pragma warning disable CA1031 // whatever ends one source must not keep a machine from the others, or from its copy
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            answer = DatasourceAnswer.Unusable(FaultText.Of(e));
        }

        if (answer.IsFault && _faults.GetValueOrDefault(datasource.Name) != answer.Reason)
        {
            _faults[datasource.Name] = answer.Reason;
            Refuse($"{answer.Code}  {datasource.Name}: {answer.Reason}");
        }

        foreach (string note in answer.Notes)
        {
            SayOnce($"{datasource.Name}: {note}");
        }

        return answer;
    }

    private AcceptedMetadata? TryParse(FoundMetadata found)
    {
        try
        {
            return MetadataParser.Parse(found, roles);
        }
#pragma warning disable CA1031 // as above: metadata that nobody can read are refused, whatever reading them threw
        catch (Exception e)
#pragma warning restore CA1031
        {
            string refusal = Describe(found, e);
            if (refusal != _refusal)
            {
                _refusal = refusal;
                MarkReported();
                Refuse(refusal);
                trace.Decided($"metadata refused: {refusal}");
            }

            return null;
        }
    }

    private static string Describe(FoundMetadata found, Exception fault) => fault is ConfigurationException
        ? BootFailure.Describe(fault)
        : $"NODE0002  {found.Source}: reading it failed: {FaultText.Of(fault)}";

    private void Refuse(string reason)
    {
        console.WriteLine($"metadata refused: {reason}");
        StatusFile.Fail(root, $"metadata refused: {reason}");
    }

    private void Report(bool refused)
    {
        TimeSpan interval = _hasReported ? WaitReport.Interval : _firstReport;
        if (time.GetElapsedTime(_reported) < interval)
        {
            return;
        }

        MarkReported();
        int seconds = (int)time.GetElapsedTime(_started).TotalSeconds;
        console.WriteLine(refused
            ? $"waiting for other metadata since {seconds} s; refused: {_refusal}"
            : $"waiting for metadata since {seconds} s; looked for: {LookedFor()}");
    }

    private void MarkReported()
    {
        _reported = time.GetTimestamp();
        _hasReported = true;
    }

    private string LookedFor() => string.Join(", ", trace.Probes.Select(probe => $"{probe.Source} ({probe.Reason})"));

    private TimeSpan Pause(bool refused) =>
        refused ? _pauseAfterRefusal : time.GetElapsedTime(_started) < _eagerPeriod ? _eagerPause : _pause;
}
