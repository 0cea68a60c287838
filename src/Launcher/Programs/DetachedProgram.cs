using System.Diagnostics;

namespace Images.Launcher.Programs;

/// <summary>Starts a program in a session of its own, so that no key pressed at this terminal reaches it.</summary>
internal static class DetachedProgram
{
    private const string Logged = "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1";

    /// <summary>It goes on when this program has ended, without input.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="log">Where both its outputs are appended.</param>
    public static void Start(IReadOnlyList<string> command, string log) => HostProgram.Run(
        [HostProgram.Require("setsid"), "--fork", "/bin/sh", "-c", "exec </dev/null; " + Logged, "sh", log, .. command],
        TimeSpan.FromSeconds(30));

    /// <summary>Its input is a pipe that ends with this program, however that ends; it should end then, too.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="log">Where both its outputs are appended.</param>
    public static Process StartTethered(IReadOnlyList<string> command, string log)
    {
        Process process = HostProgram.Start(
            [HostProgram.Require("setsid"), "/bin/sh", "-c", Logged, "sh", log, .. command]);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
