using System.Globalization;
using Images.Launcher.Programs;

namespace Images.Launcher.Hosts;

/// <summary>The control group of one node, in one hierarchy of version 2 or in several of version 1.</summary>
/// <param name="folders">By the hierarchy's name.</param>
/// <param name="moveOut">Moves a process to the group of the cluster's supervisor.</param>
internal sealed class NodeControlGroup(IReadOnlyList<(string Hierarchy, string Folder)> folders, Action<int> moveOut)
{
    // what systemd hands over with Delegate=yes: enough to make groups below, not to change the limits of this one
    private static readonly string[] _delegated =
    [
        "cgroup.procs",
        "cgroup.threads",
        "cgroup.subtree_control",
        "tasks",
        "cgroup.clone_children",
    ];

    /// <summary>Processor time that the node has used since its group was made.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            foreach ((_, string folder) in folders)
            {
                if (ReadNumber(Path.Combine(folder, "cpuacct.usage")) is { } nanoseconds)
                {
                    return TimeSpan.FromMicroseconds(nanoseconds / 1000);
                }

                if (ReadField(Path.Combine(folder, "cpu.stat"), "usage_usec") is { } microseconds)
                {
                    return TimeSpan.FromMicroseconds(microseconds);
                }
            }

            return TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Memory of the node's processes and its tmpfs, without what the machine can take back; null where no controller
    /// counts it.
    /// </summary>
    public long? MemoryBytes
    {
        get
        {
            foreach ((_, string folder) in folders)
            {
                string stat = Path.Combine(folder, "memory.stat");
                long? anonymous = ReadField(stat, "total_rss") ?? ReadField(stat, "anon");
                if (anonymous is { } bytes)
                {
                    return bytes + (ReadField(stat, "total_shmem") ?? ReadField(stat, "shmem") ?? 0);
                }
            }

            return null;
        }
    }

    /// <summary>What comes before a command to run it in this group; it changes no namespace.</summary>
    public string[] Entrance => EntranceTo(folders.Select(folder => folder.Folder), "exit 125");

    /// <summary>
    /// Likewise, for a command beside a running systemd, which keeps the group itself free of processes. A command that
    /// is typed in another session than the supervisor's may not be moved there (cgroups(7)): it stays where it is.
    /// </summary>
    public string[] GuestEntrance => EntranceTo(
        folders.Select(folder => Path.Combine(folder.Folder, "init.scope")).Where(Directory.Exists), ":");

    /// <summary>
    /// Processes that started the node and are none of its own leave its group: systemd needs it empty.
    /// </summary>
    public void MoveOut(int process) => moveOut(process);

    public void Remove()
    {
        foreach ((_, string folder) in folders)
        {
            ControlGroups.RemoveGroup(folder);
        }
    }

    public static void GiveTo(string folder, IdRange ids)
    {
        if (!ids.IsApart)
        {
            return;
        }

        IEnumerable<string> files = _delegated.Select(file => Path.Combine(folder, file)).Where(File.Exists);
        foreach (string path in files.Prepend(folder))
        {
            LinuxCalls.ChangeOwner(path, ids.Root, ids.RootGroup);
        }
    }

    private static string[] EntranceTo(IEnumerable<string> groups, string otherwise) =>
    [
        "/bin/sh", "-c", "for group in " + string.Join(' ', groups.Select(group => $"'{group}'"))
            + $"; do (echo $$ >\"$group/cgroup.procs\") 2>/dev/null || {otherwise}; done; exec \"$@\"", "sh",
    ];

    private static long? ReadNumber(string file)
    {
        try
        {
            return File.Exists(file) ? long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long? ReadField(string file, string name)
    {
        try
        {
            string? line = File.Exists(file)
                ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal))
                : null;
            return line is null ? null : long.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
