using System.Diagnostics;
using Images.Launcher.Programs;

namespace Images.Launcher.Hosts;

/// <summary>
/// Runs a command that may handle files of the whole range of ids: as the machine's root as he is, as an ordinary user
/// in a user namespace of the command's own.
/// </summary>
internal static class InRange
{
    /// <exception cref="LauncherException">It failed, or did not end in time.</exception>
    public static void Run(IdRange ids, IReadOnlyList<string> command, TimeSpan patience)
    {
        if (ids.IsApart)
        {
            HostProgram.Run(command, patience);
            return;
        }

        // the command begins when its namespace has its ids
        using Process process = HostProgram.Start(
        [
            HostProgram.Require("unshare"),
            "--user",
            "--keep-caps",
            "--",
            "/bin/sh",
            "-c",
            "read -r _; exec \"$@\"",
            "sh",
            .. command,
        ]);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        Stopwatch clock = Stopwatch.StartNew();
        string? own = ProcessView.NamespaceOf(LinuxCalls.ProcessId, "user");
        while (!process.HasExited && clock.Elapsed < patience
            && (ProcessView.NamespaceOf(process.Id, "user") ?? own) == own)
        {
            Thread.Sleep(2);
        }

        if (!process.HasExited)
        {
            ids.GiveTo(process.Id);
            process.StandardInput.WriteLine();
            process.StandardInput.Close();
        }

        if (!process.WaitForExit(patience))
        {
            process.Kill(entireProcessTree: true);
            throw new LauncherException(
                "BAKE0902",
                string.Join(' ', command.Take(6)),
                $"did not end within {patience.TotalSeconds:0} s.",
                "See whether the machine is starved, and try again.");
        }

        if (process.ExitCode != 0)
        {
            throw new LauncherException(
                "BAKE0903",
                string.Join(' ', command.Take(6)),
                $"ended with {process.ExitCode}: {error.Result.Trim()} {output.Result.Trim()}".Trim(),
                "");
        }
    }
}
