using System.Text.Json;
using Images.Bootstrapper.Files;
using Images.NodeConfig;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// Keeps what was asked and decided during this boot in one JSON file. Holds no secret: only names, places and reasons.
/// </summary>
internal sealed class WhyTrace(NodeRoot root)
{
    /// <summary>Beside those of <c>boot</c>.</summary>
    private const int LinesKept = 200;
    private const string LockPath = NodePaths.Trace + ".lock";

    private readonly List<ProbeRecord> _probes = [];
    private readonly List<DecisionRecord> _decisions = [];

    /// <summary>The probes in the order of the datasources, each with its last answer.</summary>
    public IReadOnlyList<ProbeRecord> Probes => _probes;

    public void Probed(string source, string result, string reason, int milliseconds)
    {
        int index = _probes.FindIndex(probe => probe.Source == source);
        ProbeRecord record = new()
        {
            Source = source,
            Result = result,
            Reason = reason,
            Milliseconds = milliseconds,
            Times = index < 0 ? 1 : _probes[index].Times + 1,
        };
        bool changed = index < 0 || _probes[index].Result != result || _probes[index].Reason != reason;
        if (index < 0)
        {
            _probes.Add(record);
        }
        else
        {
            _probes[index] = record;
        }

        if (changed)
        {
            Write();
        }
    }

    public void Decided(string text)
    {
        _decisions.Add(Now(root, text));
        Write();
    }

    /// <summary>
    /// Adds a line to what <c>boot</c> wrote, which has ended by then; what was said last is not said twice.
    /// </summary>
    public static void Append(NodeRoot root, string text)
    {
        string path = root[NodePaths.Trace];
        using FileLock held = FileLock.Take(root[LockPath]); // several units are prepared at a time
        WhyDocument before = File.Exists(path)
            ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ReportJson.Default.WhyDocument)!
            : new WhyDocument { Probes = [], Decisions = [] };
        if (before.Decisions.Count == 0 || before.Decisions[^1].Text != text)
        {
            int kept = Math.Min(before.DecisionsOfBoot, before.Decisions.Count);
            Write(root, before with
            {
                Decisions =
                [
                    .. before.Decisions.Take(kept),
                    .. before.Decisions.Skip(kept).TakeLast(LinesKept - 1),
                    Now(root, text),
                ],
            });
        }
    }

    private void Write() => Write(
        root, new WhyDocument { Probes = _probes, Decisions = _decisions, DecisionsOfBoot = _decisions.Count });

    private static DecisionRecord Now(NodeRoot root, string text) =>
        new(Math.Round(MachineClock.UptimeSeconds(root), 1), text);

    private static void Write(NodeRoot root, WhyDocument document)
    {
        Directory.CreateDirectory(root[NodePaths.RunFolder]);
        string path = root[NodePaths.Trace];
        File.WriteAllBytes(
            path + ".new", JsonSerializer.SerializeToUtf8Bytes(document, ReportJson.Default.WhyDocument));
        File.Move(path + ".new", path, overwrite: true);
    }
}
