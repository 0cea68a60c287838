using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Images.Launcher.Programs;

/// <summary>Runs a command with this program's own input, outputs and terminal.</summary>
internal static class AttachedProgram
{
    /// <summary>Its exit code; 128 and the signal's number where one killed it.</summary>
    /// <exception cref="LauncherException">It cannot be started.</exception>
    public static int Run(IReadOnlyList<string> command)
    {
        // keys pressed at the terminal reach the command too, and what they mean is its to say
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        using PosixSignalRegistration quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Ignore);
        try
        {
            ProcessStartInfo start = new(command[0], command.Skip(1)) { UseShellExecute = false };
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception fault)
        {
            throw new LauncherException(
                "BAKE0901",
                command[0],
                $"cannot be started: {fault.Message}",
                "Install the package that brings it.",
                fault);
        }
    }

    private static void Ignore(PosixSignalContext signal) => signal.Cancel = true;
}
