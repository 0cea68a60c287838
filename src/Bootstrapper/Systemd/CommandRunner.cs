using System.ComponentModel;
using System.Diagnostics;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Systemd;

/// <summary>The one place that starts programs.</summary>
internal static class CommandRunner
{
    private const string SearchPath = "/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Runs a program to its end. A program that is missing counts as exit code 127.</summary>
    public static Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(program, arguments, input: null, cancellationToken);

    /// <param name="input">What the program reads; null for nothing.</param>
    public static async Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(Find(program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["PATH"] = SearchPath;
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment.Remove("NOTIFY_SOCKET"); // a child's notification is not ours
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            await FeedAsync(process.StandardInput, input, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new CommandResult(process.ExitCode, (await output).Trim(), (await error).Trim());
        }
        catch (Win32Exception e)
        {
            return new CommandResult(127, "", $"{program}: {FaultText.Of(e)}");
        }
    }

    private static async Task FeedAsync(StreamWriter writer, string? input, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync((input ?? "").AsMemory(), cancellationToken);
            writer.Close();
        }
        catch (IOException)
        {
            // the program ended without reading all of it; its exit code tells
        }
    }

    private static string Find(string program) =>
        SearchPath.Split(':').Select(folder => Path.Join(folder, program)).FirstOrDefault(File.Exists) ?? program;
}
