using System.Globalization;

namespace Images.Bootstrapper.Systemd;

/// <summary>What systemd says of one unit (org.freedesktop.systemd1(5)).</summary>
internal sealed record UnitState
{
    public const string Success = "success";

    private const int Exited = 1, Dumped = 3; // CLD_EXITED and CLD_DUMPED of waitid(2)

    public required string Unit { get; init; }

    /// <summary>"active", "deactivating", …; null where systemd gave no answer.</summary>
    public string? Active { get; init; }

    /// <summary>"running", "auto-restart", "start-pre", ….</summary>
    public string Sub { get; init; } = "";

    /// <summary>
    /// Why the service last ended or failed to start: "success", "signal", "exit-code", "oom-kill", ….
    /// </summary>
    public string Result { get; init; } = Success;

    /// <summary>How the main process ended, as waitid(2) has it.</summary>
    public int ExitCode { get; init; }

    /// <summary>Its exit code, or the signal that ended it.</summary>
    public int ExitStatus { get; init; }

    /// <summary>When it ended, in microseconds since the kernel started; 0 while one runs.</summary>
    public long ExitedAt { get; init; }

    /// <summary>How often systemd has started the service again by itself.</summary>
    public int Restarts { get; init; }

    public bool IsActive => Active is "active" or "reloading" or "refreshing";

    public bool HasFailed => Active is "failed";

    public bool IsStopping => Active is "deactivating";

    public bool IsInactive => Active is "inactive";

    /// <summary>It ended, and systemd starts it again after a pause.</summary>
    public bool IsToBeRestarted => Sub.StartsWith("auto-restart", StringComparison.Ordinal);

    /// <summary>What ended the main process, in words.</summary>
    public string Cause => Result switch
    {
        "oom-kill" => "the kernel or systemd ended it for want of memory",
        "watchdog" => "it no longer answered its watchdog",
        "timeout" => "a time-out",
        _ when ExitCode == Exited => string.Create(CultureInfo.InvariantCulture, $"exit code {ExitStatus}"),
        _ when ExitCode != 0 => string.Create(
            CultureInfo.InvariantCulture, $"signal {ExitStatus}{(ExitCode == Dumped ? ", core dumped" : "")}"),
        _ => $"result '{Result}'",
    };
}
