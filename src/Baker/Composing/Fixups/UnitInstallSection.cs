using System.Text;

namespace Images.Baker.Composing.Fixups;

/// <summary>The [Install] section of a unit file (systemd.unit(5)): what <c>systemctl enable</c> reads.</summary>
internal sealed record UnitInstallSection
{
    public required IReadOnlyList<string> WantedBy { get; init; }

    public required IReadOnlyList<string> RequiredBy { get; init; }

    public required IReadOnlyList<string> Alias { get; init; }

    public required IReadOnlyList<string> Also { get; init; }

    public static UnitInstallSection Parse(byte[] unit)
    {
        ILookup<string, string> values = Assignments(Encoding.UTF8.GetString(unit))
            .ToLookup(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        return new UnitInstallSection
        {
            WantedBy = [.. values["WantedBy"]],
            RequiredBy = [.. values["RequiredBy"]],
            Alias = [.. values["Alias"]],
            Also = [.. values["Also"]],
        };
    }

    private static IEnumerable<KeyValuePair<string, string>> Assignments(string text)
    {
        bool inside = false;
        foreach (string line in text.Split('\n').Select(line => line.Trim()))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.StartsWith('['))
            {
                inside = line == "[Install]";
            }
            else if (inside && equals > 0 && line[0] is not ('#' or ';'))
            {
                foreach (string name in line[(equals + 1)..].Split(
                    (char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                {
                    yield return KeyValuePair.Create(line[..equals].TrimEnd(), name);
                }
            }
        }
    }
}
