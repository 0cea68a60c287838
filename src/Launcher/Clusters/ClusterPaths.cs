using Images.Launcher.Hosts;
using Images.Launcher.Programs;

namespace Images.Launcher.Clusters;

/// <summary>
/// Where the launcher keeps what belongs to one cluster: <see cref="Inside"/> is what its namespaces see.
/// </summary>
internal sealed record ClusterPaths(string Folder)
{
    /// <summary>How <see cref="Inside"/> is called in the namespaces.</summary>
    public const string InsideAsSeen = "/run/images/inside";

    /// <summary>Belongs to the root of the namespaces; nothing of the launcher's own lies in it.</summary>
    public string Inside => Path.Combine(Folder, "inside");

    public string Network => Path.Combine(Inside, "network");

    public string Logs => Path.Combine(Folder, "logs");

    /// <summary>
    /// Names the control groups that the cluster has now, for whoever cleans up after a supervisor that was killed.
    /// </summary>
    private string ControlGroupList => Path.Combine(Folder, "control-groups");

    public string Node(string name) => Path.Combine(Inside, "nodes", name);

    /// <summary>Makes the folders, and gives what is inside to the root of the namespaces.</summary>
    public void Create(IdRange ids)
    {
        Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Logs);
        string[] folders = [Inside, Network, Path.Combine(Inside, "nodes"), Path.Combine(Inside, "scripts")];
        foreach (string folder in folders)
        {
            CreateFor(folder, ids);
        }

        LauncherScripts.WriteTo(Path.Combine(Inside, "scripts"));
    }

    /// <summary>Makes a folder that belongs to the root of the namespaces.</summary>
    public static void CreateFor(string folder, IdRange ids)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            LinuxCalls.ChangeOwner(folder, ids.Root, ids.RootGroup);
        }
    }

    /// <summary>
    /// Remembers the control groups that a cluster is about to make, having removed those of an earlier one.
    /// </summary>
    public void Remember(ControlGroups groups)
    {
        Forget();
        File.WriteAllLines(ControlGroupList, groups.Folders);
    }

    /// <summary>Removes the control groups of a cluster that has ended, however it did.</summary>
    public void Forget()
    {
        if (!File.Exists(ControlGroupList))
        {
            return;
        }

        foreach (string folder in File.ReadAllLines(ControlGroupList))
        {
            ControlGroups.RemoveClusterGroup(folder);
        }

        File.Delete(ControlGroupList);
    }

    /// <summary>Removes all of it, whomever of the range its files belong to.</summary>
    public void Delete(IdRange ids)
    {
        if (Directory.Exists(Folder))
        {
            Forget();
            InRange.Run(ids, ["/bin/rm", "-rf", "--one-file-system", Folder], TimeSpan.FromMinutes(2));
        }
    }
}
