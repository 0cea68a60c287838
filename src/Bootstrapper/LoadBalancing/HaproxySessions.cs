using System.Globalization;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// How many connections each server has: the answer to <c>show stat -1 4 -1</c>, comma-separated values whose first
/// line, after "# ", names the columns.
/// </summary>
internal static class HaproxySessions
{
    public const string Question = "show stat -1 4 -1";

    /// <summary>By "backend/server"; none where the answer cannot be read.</summary>
    public static IReadOnlyDictionary<string, int> Read(string answer)
    {
        Dictionary<string, int> sessions = new(StringComparer.Ordinal);
        string[] lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] names = lines is [['#', ' ', .. var header], ..] ? header.Split(',') : [];
        int backend = Array.IndexOf(names, "pxname");
        int server = Array.IndexOf(names, "svname");
        int current = Array.IndexOf(names, "scur");
        if (backend < 0 || server < 0 || current < 0)
        {
            return sessions;
        }

        foreach (string[] fields in lines.Skip(1).Select(line => line.Split(',')))
        {
            if (fields.Length > Math.Max(current, Math.Max(backend, server))
                && int.TryParse(fields[current], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            {
                sessions[$"{fields[backend]}/{fields[server]}"] = count;
            }
        }

        return sessions;
    }
}
