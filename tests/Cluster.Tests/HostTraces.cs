using Images.TestSupport;

namespace Images.Cluster.Tests;

/// <summary>What a running cluster is made of, as this machine sees it: processes, namespaces, control groups, mounts.</summary>
internal sealed class HostTraces
{
    private readonly string _folder;
    private readonly IReadOnlyDictionary<int, string> _processes;
    private readonly IReadOnlySet<string> _namespaces;
    private readonly IReadOnlySet<string> _groups;
    private readonly long _taken = Uptime();

    private HostTraces(string folder, IReadOnlyDictionary<int, string> processes, IReadOnlySet<string> namespaces, IReadOnlySet<string> groups)
    {
        _folder = folder;
        _processes = processes;
        _namespaces = namespaces;
        _groups = groups;
    }

    public int Processes => _processes.Count;

    public int Namespaces => _namespaces.Count;

    public int ControlGroups => _groups.Count;

    /// <summary>All of a supervisor's.</summary>
    /// <param name="supervisor">Its process.</param>
    /// <param name="folder">The cluster's folder.</param>
    /// <param name="login">Control groups of the session that it was started from.</param>
    public static HostTraces Of(int supervisor, string folder, IEnumerable<string> login)
    {
        Dictionary<int, int> parents = AllProcesses().ToDictionary(process => process, ParentOf);
        int[] own = [.. parents.Keys.Where(IsOfSupervisor)];
        HashSet<string> around = [.. NamespacesOf(Environment.ProcessId)];
        return new HostTraces(
            folder,
            own.ToDictionary(process => process, StartOf),
            own.SelectMany(NamespacesOf).Where(name => !around.Contains(name)).ToHashSet(StringComparer.Ordinal),
            own.SelectMany(GroupsOf).Except(GroupsOf(Environment.ProcessId)).Except(login).ToHashSet(StringComparer.Ordinal));

        bool IsOfSupervisor(int process)
        {
            for (int one = process; one > 1; one = parents.GetValueOrDefault(one))
            {
                if (one == supervisor)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>What of it is still there, each in a line; empty where nothing is.</summary>
    public IReadOnlyList<string> Remaining()
    {
        // a namespace that is gone leaves its number to the next one, which is of somebody who began later
        HashSet<string> namespaces = [.. AllProcesses().Where(HasBegunBefore).SelectMany(NamespacesOf)];
        return
        [
            .. _processes.Where(process => StartOf(process.Key) == process.Value && process.Value.Length > 0)
                .Select(process => $"process {process.Key} {CommandOf(process.Key)}"),
            .. _namespaces.Where(namespaces.Contains).Select(name => $"namespace {name}"),
            .. _groups.Where(Directory.Exists).Select(group => $"control group {group}"),
            .. File.ReadAllLines("/proc/self/mountinfo").Where(line => line.Contains(_folder, StringComparison.Ordinal)).Select(line => $"mount {line}"),
        ];
    }

    /// <summary>The machine's links, by name.</summary>
    public static string Links() => string.Join(' ', Judge.Run("ip", "-oneline", "link").Split('\n').Select(line => line.Split(": ").ElementAtOrDefault(1) ?? ""));

    private static IEnumerable<int> AllProcesses() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out int process) ? process : 0).Where(process => process != 0);

    private bool HasBegunBefore(int process) => long.TryParse(StartOf(process), out long ticks) && ticks <= _taken;

    /// <summary>Of the machine, in the kernel's ticks of a hundredth of a second.</summary>
    private static long Uptime() => (long)(100 * double.Parse(
        Read("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));

    private static int ParentOf(int process) => FieldsOf(process) is { Length: > 1 } fields ? int.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture) : 0;

    /// <summary>When it began, in the kernel's ticks: a number that is given again has another.</summary>
    private static string StartOf(int process) => FieldsOf(process).ElementAtOrDefault(19) ?? "";

    /// <summary>proc(5), /proc/PID/stat from the third field on.</summary>
    private static string[] FieldsOf(int process)
    {
        string text = Read($"/proc/{process}/stat");
        return text.Length == 0 ? [] : text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static string CommandOf(int process) => Read($"/proc/{process}/cmdline").Replace('\0', ' ');

    private static IEnumerable<string> NamespacesOf(int process)
    {
        foreach (string kind in new[] { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" })
        {
            string? target = null;
            try
            {
                target = new FileInfo($"/proc/{process}/ns/{kind}").LinkTarget;
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // it has ended
            }

            if (target is not null)
            {
                yield return target;
            }
        }
    }

    private static IEnumerable<string> GroupsOf(int process)
    {
        Dictionary<string, string> mounts = new(StringComparer.Ordinal);
        foreach (string[] mount in File.ReadAllLines("/proc/self/mountinfo").Select(line => line.Split(' ')))
        {
            int dash = Array.IndexOf(mount, "-");
            string[] controllers = mount[dash + 1] switch
            {
                "cgroup2" => [""],
                "cgroup" => mount[dash + 3].Split(','),
                _ => [],
            };
            foreach (string controller in controllers)
            {
                mounts.TryAdd(controller, mount[4]);
            }
        }

        foreach (string[] parts in Read($"/proc/{process}/cgroup").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':', 3)))
        {
            if (parts[2] != "/" && mounts.TryGetValue(parts[1].Split(',')[0], out string? mount))
            {
                yield return mount + parts[2];
            }
        }
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
