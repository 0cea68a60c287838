using Images.Launcher.Programs;

namespace Images.Launcher.Hosts;

/// <summary>
/// The control groups of one cluster: a group <c>images/NAME</c> below this process's own in every hierarchy that is
/// used, and one group a node in that. Version 2 is used where it has the controllers that a kubelet needs; else
/// version 1 where all its hierarchies may be written; else version 2 without controllers, in which no worker runs.
/// </summary>
internal sealed class ControlGroups
{
    private static readonly string[] _needed = ["cpu", "memory", "pids"];
    private static readonly string[] _wanted = ["cpu", "memory", "pids", "io", "cpuset"];
    private static readonly string[] _needed1 = ["cpu", "cpuacct", "cpuset", "memory", "pids", "name=systemd"];

    private readonly IReadOnlyList<ControlGroupMount> _mounts;
    private readonly string _cluster;

    private ControlGroups(IReadOnlyList<ControlGroupMount> mounts, string cluster, bool hasControllers)
    {
        _mounts = mounts;
        _cluster = cluster;
        HasControllers = hasControllers;
    }

    /// <summary>Nodes have version 1.</summary>
    public bool IsVersion1 => !_mounts[0].IsVersion2;

    /// <summary>A kubelet can limit its pods.</summary>
    public bool HasControllers { get; }

    /// <summary>The hierarchies of version 1, as mount(8) names them; none where nodes have version 2.</summary>
    public IReadOnlyList<string> Version1 => IsVersion1 ? [.. _mounts.Select(mount => mount.Name)] : [];

    /// <summary>The cluster's groups, one in each hierarchy.</summary>
    public IReadOnlyList<string> Folders => [.. _mounts.Select(ClusterGroup)];

    /// <summary>
    /// What a cluster started by this process would have; null where no hierarchy may be written at all.
    /// </summary>
    public static ControlGroups? Find(string cluster)
    {
        IReadOnlyList<ControlGroupMount> mounts =
        [
            .. ControlGroupMount.OfThisProcess().Where(mount => MayWrite(mount.OwnGroup)),
        ];
        ControlGroupMount? second = mounts.FirstOrDefault(mount => mount.IsVersion2);
        if (second is not null && _needed.All(ControllersOf(second.OwnGroup).Contains))
        {
            return new ControlGroups([second], cluster, hasControllers: true);
        }

        IReadOnlyList<ControlGroupMount> first = [.. mounts.Where(mount => !mount.IsVersion2)];
        string[] controllers = [.. first.SelectMany(mount => mount.Name.Split(','))];
        return _needed1.All(controllers.Contains) ? new ControlGroups(first, cluster, hasControllers: true)
            : second is not null ? new ControlGroups([second], cluster, hasControllers: false)
            : null;
    }

    /// <summary>Whether the text of a cgroup.controllers names what a kubelet needs.</summary>
    public static bool AreEnough(string controllers) => _needed.All(Split(controllers).Contains);

    /// <summary>Makes the cluster's groups, out of which nodes get theirs.</summary>
    /// <exception cref="LauncherException">The kernel refuses.</exception>
    public void Create()
    {
        try
        {
            foreach (ControlGroupMount mount in _mounts)
            {
                string[] levels = [mount.OwnGroup, Path.Combine(mount.OwnGroup, "images"), ClusterGroup(mount)];
                if (mount.IsVersion2 && HasControllers && !mount.IsTop)
                {
                    // a group whose children are to have controllers may hold no process itself
                    MoveTo(
                        Environment.ProcessId,
                        Directory.CreateDirectory(Path.Combine(mount.OwnGroup, "supervisor")).FullName);
                }

                foreach (string level in levels)
                {
                    CreateGroup(level, mount);
                    if (mount.IsVersion2)
                    {
                        GiveControllers(level);
                    }
                }
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LauncherException(
                "BAKE0910", _mounts[0].OwnGroup, $"control groups cannot be made: {fault.Message}",
                "Start the cluster from a login session of a machine with systemd, or from groups that belong to you.",
                fault);
        }
    }

    /// <summary>Makes the groups of one node, which belong to the root of its namespace.</summary>
    public NodeControlGroup CreateNode(string node, IdRange ids)
    {
        List<(string Hierarchy, string Folder)> folders = [];
        foreach (ControlGroupMount mount in _mounts)
        {
            string folder = Path.Combine(ClusterGroup(mount), node);
            RemoveGroup(folder);
            CreateGroup(folder, mount);
            NodeControlGroup.GiveTo(folder, ids);
            folders.Add((mount.Name, folder));
        }

        return new NodeControlGroup(folders, MoveOut);
    }

    /// <summary>
    /// Removes one of <see cref="Folders"/> with what ended nodes left in it; and the group of all clusters where it
    /// was the last.
    /// </summary>
    public static void RemoveClusterGroup(string folder)
    {
        RemoveGroup(folder);
        TryRemove(Path.GetDirectoryName(folder)!);
    }

    /// <summary>Removes a group and all below it, deepest first; what still holds processes stays.</summary>
    public static void RemoveGroup(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string child in Directory.GetDirectories(folder))
        {
            RemoveGroup(child);
        }

        // a process that was killed a moment ago is in its group until it is reaped
        for (int tries = 0; !TryRemove(folder) && tries < 20; tries++)
        {
            Thread.Sleep(10);
        }
    }

    private void MoveOut(int process)
    {
        foreach (ControlGroupMount mount in _mounts)
        {
            string apart = Path.Combine(mount.OwnGroup, "supervisor");
            MoveTo(process, Directory.Exists(apart) ? apart : mount.OwnGroup);
        }
    }

    private string ClusterGroup(ControlGroupMount mount) => Path.Combine(mount.OwnGroup, "images", _cluster);

    private static bool MayWrite(string folder)
    {
        try
        {
            using FileStream procs = new(Path.Combine(folder, "cgroup.procs"), FileMode.Open, FileAccess.Write);
            return LinuxCalls.UserId == 0 || LinuxCalls.MayWrite(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string[] ControllersOf(string folder)
    {
        string file = Path.Combine(folder, "cgroup.controllers");
        return File.Exists(file) ? Split(File.ReadAllText(file)) : [];
    }

    private static string[] Split(string controllers) =>
        controllers.Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static void GiveControllers(string folder)
    {
        foreach (string controller in ControllersOf(folder).Intersect(_wanted, StringComparer.Ordinal))
        {
            try
            {
                File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), $"+{controller}");
            }
            catch (IOException) when (!_needed.Contains(controller, StringComparer.Ordinal))
            {
                // nice to have
            }
        }
    }

    private static void CreateGroup(string folder, ControlGroupMount mount)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        Directory.CreateDirectory(folder);
        if (mount.Name.Split(',').Contains("cpuset", StringComparer.Ordinal))
        {
            foreach (string file in new[] { "cpuset.cpus", "cpuset.mems" })
            {
                File.WriteAllText(Path.Combine(folder, file), File.ReadAllText(Path.Combine(folder, "..", file)));
            }
        }
    }

    private static void MoveTo(int process, string group) =>
        File.WriteAllText(Path.Combine(group, "cgroup.procs"), $"{process}");

    private static bool TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
