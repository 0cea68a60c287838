using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Images.Launcher.Programs;

/// <summary>Runs programs of this machine and waits for them, never without end.</summary>
internal static class HostProgram
{
    /// <summary>Code of what did not end in time.</summary>
    public const string TookTooLong = "BAKE0902";

    private static readonly string[] _places =
    [
        "/usr/bin",
        "/usr/sbin",
        "/bin",
        "/sbin",
        "/usr/local/bin",
        "/usr/local/sbin",
    ];

    /// <summary>
    /// The full path of a program, whatever PATH says of the folders for administrators; null where there is none.
    /// </summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(_places)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    /// <exception cref="LauncherException">There is none.</exception>
    public static string Require(string name) => Find(name)
        ?? throw new LauncherException(
            "BAKE0901", name, "this program is missing.", $"Install the package that brings it ({PackageOf(name)}).");

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="LauncherException">
    /// It cannot be started, or does not end in time; then it is killed.
    /// </exception>
    public static ProgramResult Try(IReadOnlyList<string> command, TimeSpan patience, string? input = null)
    {
        using Process process = Start(command);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended without reading; its exit code says more
        }

        if (!process.WaitForExit(patience) || !Task.WaitAll([output, error], patience))
        {
            process.Kill(entireProcessTree: true);
            throw new LauncherException(
                TookTooLong,
                string.Join(' ', command),
                $"did not end within {patience.TotalSeconds:0} s.",
                "See whether the machine is starved, and try again.");
        }

        return new ProgramResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Runs a command that has to succeed; returns its output.</summary>
    /// <exception cref="LauncherException">It failed; the message holds what it said.</exception>
    public static string Run(IReadOnlyList<string> command, TimeSpan patience, string? input = null)
    {
        ProgramResult result = Try(command, patience, input);
        return result.ExitCode == 0
            ? result.Output
            : throw new LauncherException(
                "BAKE0903", string.Join(' ', command.Take(12)), $"ended with {result.ExitCode}: {result.Said}", "");
    }

    /// <summary>Starts a command with pipes on its three streams.</summary>
    /// <exception cref="LauncherException">It cannot be started.</exception>
    public static Process Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
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

    private static string PackageOf(string program) => program switch
    {
        "newuidmap" or "newgidmap" => "uidmap",
        "env" => "coreutils",
        "ssh" => "openssh-client",
        _ => "util-linux",
    };
}
