using Images.Launcher.Programs;

namespace Images.Launcher.Hosts;

/// <summary>Where systemd runs, a program gets control groups of its own by being started in a scope of it.</summary>
internal sealed class SystemdScope
{
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

    /// <summary>What groups in such a scope would have.</summary>
    public ControlGroupKind ControlGroups
    {
        get
        {
            int user = LinuxCalls.UserId;
            string manager = _isOfUser ? $"user.slice/user-{user}.slice/user@{user}.service" : "system.slice";
            string file = Path.Combine("/sys/fs/cgroup", manager, "cgroup.controllers");
            return File.Exists(file) && Hosts.ControlGroups.AreEnough(File.ReadAllText(file))
                ? ControlGroupKind.Full
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

    private static string RuntimeFolder =>
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") ?? $"/run/user/{LinuxCalls.UserId}";
}
