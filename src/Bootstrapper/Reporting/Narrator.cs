using System.Text.Json;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// The one voice of those that work on for long: what they say stands on the console and in what
/// <c>bootstrapper why</c> prints, and what goes on being so is not said at every look.
/// </summary>
/// <param name="tell">Given each line.</param>
internal sealed class Narrator(Action<string> tell)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IReadOnlyCollection<string>> _standing = new(StringComparer.Ordinal);

    public static Narrator For(NodeRoot root, NodeConsole console) => new(line =>
    {
        console.WriteLine(line);
        try
        {
            WhyTrace.Append(root, line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // the console and the journal have it; who speaks has another thing to do
        }
    });

    public void Say(string line) => tell(line);

    /// <summary>
    /// What there is to say of a matter at this look: the lines that were not there at the last one are said.
    /// </summary>
    /// <param name="key">The matter. Those who say the same of it need not all say it.</param>
    /// <param name="lines">All that is so now; none where there is nothing to say.</param>
    /// <returns>Whether any line was new.</returns>
    public bool SayOnce(string key, params IReadOnlyCollection<string> lines)
    {
        IReadOnlyCollection<string> before;
        lock (_gate)
        {
            before = _standing.GetValueOrDefault(key, []);
            _standing[key] = lines;
        }

        bool isNew = false;
        foreach (string line in lines.Except(before, StringComparer.Ordinal))
        {
            isNew = true;
            tell(line);
        }

        return isNew;
    }

    /// <summary>The matter is settled: whatever is said of it next is news.</summary>
    public void Settle(string key)
    {
        lock (_gate)
        {
            _standing.Remove(key);
        }
    }
}
