using System.Globalization;

namespace Images.Launcher.Hosts;

/// <summary>What this machine lacks for a cluster of containers, each with the command that mends it.</summary>
internal static class HostCheck
{
    /// <summary>
    /// Descriptors of inotify that one node has open: its systemd, journald, networkd, resolved, dbus and the kubelet.
    /// </summary>
    private const int InotifyOfNode = 9;

    /// <summary>What other programs of the same user may have.</summary>
    private const int InotifyOfOthers = 30;

    /// <summary>
    /// As the user himself. A new login would do only where his last session was over for some seconds and
    /// nothing lingers.
    /// </summary>
    private const string HandOn = "systemctl --user daemon-reexec";

    private static readonly string[] _programs = ["unshare", "nsenter", "setsid", "mount", "umount", "pivot_root"];

    /// <summary>Everything at once.</summary>
    /// <param name="machine">What the machine says of itself.</param>
    /// <param name="nodes">How many nodes are wanted.</param>
    /// <param name="withWorkers">Some of them run pods.</param>
    public static IReadOnlyList<MissingThing> Find(IHostFacts machine, int nodes, bool withWorkers) =>
        [
            .. Programs(machine),
            .. Namespaces(machine),
            .. ControlGroupsOf(machine, withWorkers),
            .. Kernel(machine, withWorkers),
            .. Limits(machine, nodes),
        ];

    /// <exception cref="LauncherException">Something is missing; the message has a line for each.</exception>
    public static void Require(int nodes, bool withWorkers)
    {
        IReadOnlyList<MissingThing> missing = Find(new ThisHost(), nodes, withWorkers);
        if (missing.Count > 0)
        {
            IEnumerable<string> lines = missing.Select(
                thing => $"\n  {thing.What}: {thing.Why}\n      {thing.Command}");
            throw new LauncherException(
                "BAKE0911",
                "this machine",
                $"lacks what a cluster needs:{string.Concat(lines)}\n",
                "Run these commands and try again.");
        }
    }

    /// <summary>What is worth knowing though nothing is missing; null: nothing.</summary>
    public static string? FindAdvice() => SystemdScope.Find() is { EndsWithSession: true }
        ? $"the cluster ends when you log out, unless you run: sudo loginctl enable-linger {UserName.Own}"
        : null;

    /// <exception cref="LauncherException">There is none.</exception>
    public static IdRange RequireIds() => IdRange.Find() ?? throw new LauncherException(
        "BAKE0911",
        "/etc/subuid",
        $"gives no {IdRange.Length - 1} subordinate ids to {UserName.Own}.",
        $"Run: {GiveIds(UserName.Own)}");

    private static IEnumerable<MissingThing> Programs(IHostFacts machine)
    {
        if (_programs.FirstOrDefault(program => !machine.HasProgram(program)) is { } absent)
        {
            yield return new MissingThing(
                $"the program {absent}", "it makes the namespaces", "sudo apt-get install util-linux mount");
        }

        if (!machine.IsRoot && (!machine.HasProgram("newuidmap") || !machine.HasProgram("newgidmap")))
        {
            yield return new MissingThing(
                "the programs newuidmap and newgidmap",
                "they give a user namespace its ids",
                "sudo apt-get install uidmap");
        }
    }

    private static IEnumerable<MissingThing> Namespaces(IHostFacts machine)
    {
        if (!machine.HasIds)
        {
            yield return new MissingThing(
                $"{IdRange.Length - 1} subordinate ids of {machine.UserName} in /etc/subuid and /etc/subgid",
                "nodes have users of their own",
                GiveIds(machine.UserName));
        }

        if (machine.ReadNumber("/proc/sys/user/max_user_namespaces") == 0)
        {
            yield return new MissingThing(
                "user namespaces", "user.max_user_namespaces is 0", "sudo sysctl -w user.max_user_namespaces=15000");
        }

        if (!machine.IsRoot && machine.ReadNumber("/proc/sys/kernel/unprivileged_userns_clone") == 0)
        {
            yield return new MissingThing(
                "user namespaces for ordinary users",
                "this kernel keeps them for root",
                "sudo sysctl -w kernel.unprivileged_userns_clone=1");
        }

        if (!machine.IsRoot && machine.ReadNumber("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
        {
            yield return new MissingThing(
                "user namespaces with capabilities",
                "AppArmor's rule of Ubuntu takes the capabilities away",
                "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
        }
    }

    private static IEnumerable<MissingThing> ControlGroupsOf(IHostFacts machine, bool withWorkers)
    {
        ControlGroupKind groups = machine.ControlGroups; // asked once: it takes a moment
        if (groups == ControlGroupKind.None)
        {
            yield return new MissingThing(
                "control groups that belong to you",
                "each node has its own",
                "log in by ssh or at the console, not by su; or: sudo loginctl enable-linger " + machine.UserName);
        }
        else if (withWorkers && groups == ControlGroupKind.WithoutControllers)
        {
            yield return new MissingThing(
                "the controllers cpu, memory and pids in your control groups", "a kubelet limits its pods by them",
                "sudo mkdir -p /etc/systemd/system/user@.service.d "
                    + "&& printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' "
                    + "| sudo tee /etc/systemd/system/user@.service.d/delegate.conf "
                    + "&& sudo systemctl daemon-reload && " + HandOn);
        }
        else if (withWorkers && groups == ControlGroupKind.NotHandedOn)
        {
            yield return new MissingThing(
                "the controllers cpu, memory and pids in your control groups",
                "your systemd began before they were given to it",
                HandOn);
        }
    }

    private static IEnumerable<MissingThing> Kernel(IHostFacts machine, bool withWorkers)
    {
        string[] kinds = machine.ReadText("/proc/filesystems").Split('\n');
        if (!kinds.Any(line => line.EndsWith("\toverlay", StringComparison.Ordinal)))
        {
            yield return new MissingThing(
                "the module overlay", "each node's /etc is an overlay", "sudo modprobe overlay");
        }

        if (withWorkers && !machine.Exists("/proc/sys/net/bridge"))
        {
            yield return new MissingThing(
                "the module br_netfilter", "Services are reached through bridges", "sudo modprobe br_netfilter");
        }
    }

    private static IEnumerable<MissingThing> Limits(IHostFacts machine, int nodes)
    {
        int needed = (nodes * InotifyOfNode) + InotifyOfOthers;
        if (machine.ReadNumber("/proc/sys/fs/inotify/max_user_instances") is { } allowed && allowed < needed)
        {
            yield return new MissingThing(
                string.Create(CultureInfo.InvariantCulture, $"{needed} instances of inotify"),
                string.Create(
                    CultureInfo.InvariantCulture, $"each node needs {InotifyOfNode} and the limit is {allowed}"),
                "sudo sysctl -w fs.inotify.max_user_instances=1024");
        }
    }

    private static string GiveIds(string user) =>
        $"sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}";
}
