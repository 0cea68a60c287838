// An end and its kinds, read together.
#pragma warning disable MA0048
namespace Images.Launcher.Clusters;

/// <summary>How a node ended.</summary>
internal enum NodeEndKind
{
    /// <summary>It was told to power off, or did so by itself.</summary>
    PowerOff,

    /// <summary>It asks to be started again.</summary>
    Reboot,

    /// <summary>Its power was cut.</summary>
    Killed,

    /// <summary>It could not start, or its systemd crashed.</summary>
    Failed,
}

/// <param name="Kind">What it was.</param>
/// <param name="ExitCode">Of the program that started it: 128 and the number of a signal.</param>
/// <param name="Said">The last lines of what its start said.</param>
internal sealed record NodeEnd(NodeEndKind Kind, int ExitCode, string Said)
{
    public static NodeEnd Of(int exitCode, string said) => new(
        exitCode switch
        {
            128 + Programs.LinuxCalls.SignalHangUp => NodeEndKind.Reboot,
            128 + Programs.LinuxCalls.SignalInterrupt => NodeEndKind.PowerOff,
            128 + Programs.LinuxCalls.SignalKill => NodeEndKind.Killed,
            _ => NodeEndKind.Failed,
        },
        exitCode, said);
}
