namespace Images.Launcher.Hosts;

/// <summary>One hierarchy of control groups that is mounted on this machine, and this process's place in it.</summary>
internal sealed record ControlGroupMount
{
    /// <summary>
    /// Empty for version 2; else what names the hierarchy of version 1: <c>cpu,cpuacct</c>, <c>name=systemd</c>.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>This process's own group, as a folder.</summary>
    public required string OwnGroup { get; init; }

    /// <summary>The group is the top of the hierarchy.</summary>
    public required bool IsTop { get; init; }

    public bool IsVersion2 => Name.Length == 0;

    /// <summary>What this process sees.</summary>
    public static IReadOnlyList<ControlGroupMount> OfThisProcess() =>
        Read(File.ReadAllLines("/proc/self/mountinfo"), File.ReadAllLines("/proc/self/cgroup"));

    /// <param name="mounts">Lines of /proc/PID/mountinfo.</param>
    /// <param name="groups">Lines of /proc/PID/cgroup.</param>
    public static IReadOnlyList<ControlGroupMount> Read(IReadOnlyList<string> mounts, IReadOnlyList<string> groups)
    {
        Dictionary<string, (string Root, string Target)> places = new(StringComparer.Ordinal);
        foreach (string line in mounts)
        {
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-");
            if (dash < 6 || fields.Length < dash + 4 || fields[dash + 1] is not ("cgroup" or "cgroup2"))
            {
                continue;
            }

            IEnumerable<string> options = fields[dash + 1] == "cgroup2" ? [] : fields[dash + 3].Split(',');
            foreach (string option in options.DefaultIfEmpty(""))
            {
                places.TryAdd(option, (fields[3], fields[4]));
            }
        }

        List<ControlGroupMount> found = [];
        foreach (string[] parts in groups.Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3))
        {
            string name = parts[1];
            if (places.TryGetValue(name.Split(',')[0], out (string Root, string Target) place))
            {
                string path = place.Root != "/" && parts[2].StartsWith(place.Root, StringComparison.Ordinal)
                    ? parts[2][place.Root.Length..]
                    : parts[2];
                string own = path.Trim('/');
                found.Add(
                    new ControlGroupMount
                    {
                        Name = name,
                        OwnGroup = Path.Combine(place.Target, own),
                        IsTop = own.Length == 0,
                    });
            }
        }

        return [.. found.OrderBy(mount => mount.Name, StringComparer.Ordinal)];
    }
}
