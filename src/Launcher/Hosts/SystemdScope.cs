using Images.Launcher.Programs;

namespace Images.Launcher.Hosts;

/// <summary>Where systemd runs, a program gets control groups of its own by being started in a scope of it.</summary>
internal sealed class SystemdScope
{
    /// <summary>
    /// Of the group that the command runs in, of version 2; nothing where that has no controllers at all.
    /// </summary>
    private const string ShowControllers =
        "own=$(sed -n 's/^0:://p' /proc/self/cgroup); cat \"/sys/fs/cgroup$own/cgroup.controllers\" 2>/dev/null || :";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly string _program;
    private readonly bool _isOfUser;

    private SystemdScope(string program, bool isOfUser)
    {
        _program = program;
        _isOfUser = isOfUser;
    }

    /// <summary>The manager of whoever runs this: root's is the machine's; null where there is none.</summary>
    public static SystemdScope? Find()
    {
        if (!Directory.Exists("/run/systemd/system") || HostProgram.Find("systemd-run") is not { } program)
        {
            return null;
        }

        return LinuxCalls.UserId == 0 ? new SystemdScope(program, isOfUser: false)
            : File.Exists(Path.Combine(RuntimeFolder, "systemd", "private")) ? new SystemdScope(program, isOfUser: true)
            : null;
    }

    /// <summary>
    /// What groups in such a scope have: by making one, for a manager that runs longer than its own group has had more
    /// controllers does not hand them on.
    /// </summary>
    public ControlGroupKind ControlGroups
    {
        get
        {
            ProgramResult tried = HostProgram.Try(
                [.. Entrance($"images-check-{LinuxCalls.ProcessId}"), "/bin/sh", "-c", ShowControllers], _patience);
            return tried.ExitCode != 0 ? ControlGroupKind.None
                : Hosts.ControlGroups.AreEnough(tried.Output) ? ControlGroupKind.Full
                : !_isOfUser ? Hosts.ControlGroups.Find("check") is { HasControllers: true }
                    ? ControlGroupKind.Full
                    : ControlGroupKind.WithoutControllers
                : Hosts.ControlGroups.AreEnough(GivenToManager()) ? ControlGroupKind.NotHandedOn
                : ControlGroupKind.WithoutControllers;
        }
    }

    /// <summary>The manager of an ordinary user ends with his last session, and all that it started.</summary>
    public bool EndsWithSession => _isOfUser && !File.Exists(Path.Combine("/var/lib/systemd/linger", UserName.Own));

    /// <summary>What comes before a command to run it in a scope of its own.</summary>
    /// <param name="unit">The scope's name.</param>
    public string[] Entrance(string unit) =>
    [
        // su leaves it out, and the user's manager is found by it
        .. _isOfUser ? ["/usr/bin/env", $"XDG_RUNTIME_DIR={RuntimeFolder}"] : Array.Empty<string>(),
        _program,
        .. _isOfUser ? ["--user"] : Array.Empty<string>(),
        "--scope",
        "--quiet",
        "--collect",
        "-p",
        "Delegate=yes",
        $"--unit={unit}",
        "--",
    ];

    private static string GivenToManager()
    {
        int user = LinuxCalls.UserId;
        string file = $"/sys/fs/cgroup/user.slice/user-{user}.slice/user@{user}.service/cgroup.controllers";
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    private static string RuntimeFolder =>
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") ?? $"/run/user/{LinuxCalls.UserId}";
}
