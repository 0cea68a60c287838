using System.Globalization;
using System.Text.Json;
using Images.NodeConfig;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// Says on the console what a unit's preparation waits for: at once when that changes, else every 30 s. The same stands
/// in a file under <see cref="NodePaths.Waits"/> for <c>status</c> and the agent until <see cref="Dispose"/>.
/// </summary>
internal sealed class WaitReport(string unit, NodeConsole console, NodeRoot root, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private string _what = "";
    private string _lastSeen = "";
    private DateTimeOffset _since;
    private DateTimeOffset _said = DateTimeOffset.MinValue;

    private string FilePath => root[$"{NodePaths.Waits}/{unit}.json"];

    /// <param name="what">What is waited for, as in "waiting for …".</param>
    /// <param name="lastSeen">What was seen at the last look.</param>
    public void Waiting(string what, string lastSeen)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool changed = what != _what;
        if (changed)
        {
            _since = now;
        }

        if (changed || lastSeen != _lastSeen)
        {
            (_what, _lastSeen) = (what, lastSeen);
            WriteFile();
        }

        if (changed || now - _said >= Interval)
        {
            _said = now;
            int seconds = (int)(now - _since).TotalSeconds;
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{unit}: waiting for {what} since {seconds} s: {lastSeen}"));
        }
    }

    public void Dispose()
    {
        if (File.Exists(FilePath)) // a unit that never waited has no file, and perhaps no folder
        {
            File.Delete(FilePath);
        }
    }

    private void WriteFile()
    {
        Directory.CreateDirectory(root[NodePaths.Waits]);
        UnitWait wait = new() { Unit = unit, What = _what, LastSeen = _lastSeen, Since = _since };
        File.WriteAllBytes(FilePath, JsonSerializer.SerializeToUtf8Bytes(wait, ReportJson.Default.UnitWait));
    }
}
