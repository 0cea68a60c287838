using System.Text.Json;
using Images.NodeConfig;

namespace Images.Bootstrapper.Reporting;

/// <summary>Keeps what was asked and decided during this boot in one JSON file. Holds no secret: only names, places and reasons.</summary>
internal sealed class WhyTrace(NodeRoot root)
{
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
        _decisions.Add(new DecisionRecord(Math.Round(MachineClock.UptimeSeconds(root), 1), text));
        Write();
    }

    private void Write()
    {
        Directory.CreateDirectory(root[NodePaths.RunFolder]);
        WhyDocument document = new() { Probes = _probes, Decisions = _decisions };
        string path = root[NodePaths.Trace];
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(document, ReportJson.Default.WhyDocument));
        File.Move(path + ".new", path, overwrite: true);
    }
}
