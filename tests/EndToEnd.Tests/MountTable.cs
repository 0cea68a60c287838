namespace Images.EndToEnd.Tests;

/// <summary>What is mounted where, as PID 1 of a machine sees it.</summary>
internal static class MountTable
{
    private static readonly string[] _flags = ["ro", "nosuid", "nodev", "noexec"];

    /// <summary>
    /// Type and flags by place, as <c>tmpfs nosuid,nodev</c>; of several mounts at one place the last,
    /// which covers the others.
    /// </summary>
    /// <param name="mountInfo">/proc/PID/mountinfo; see proc_pid_mountinfo(5).</param>
    public static SortedDictionary<string, string> Read(string mountInfo)
    {
        SortedDictionary<string, string> places = new(StringComparer.Ordinal);
        foreach (string line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            int separator = Array.IndexOf(fields, "-");
            string flags = string.Join(',', fields[5].Split(',').Intersect(_flags, StringComparer.Ordinal));
            places[fields[4]] = $"{fields[separator + 1]} {flags}".TrimEnd();
        }

        return places;
    }
}
