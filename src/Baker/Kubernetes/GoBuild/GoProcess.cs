using System.Diagnostics;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// Runs a program of the toolchain, or one that it has just compiled. The only place of the
/// Baker that starts a process.
/// </summary>
internal sealed class GoProcess(string workingFolder, IReadOnlyDictionary<string, string> environment)
{
    private const int RememberedLines = 12;

    /// <param name="program">Full path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="line">Told each line that it says.</param>
    /// <param name="cancellationToken">Ends it and whatever it started.</param>
    /// <exception cref="BakeException">It cannot be started, or failed.</exception>
    public void Run(
        string program, IReadOnlyList<string> arguments, Action<string> line, CancellationToken cancellationToken)
    {
        Queue<string> last = [];
        void Remember(string? text)
        {
            if (text is not null)
            {
                lock (last)
                {
                    last.Enqueue(text.Trim());
                    while (last.Count > RememberedLines)
                    {
                        last.Dequeue();
                    }

                    line(text);
                }
            }
        }

#pragma warning disable RS0030 // a build from source needs its compiler: the named exception to "no host tool"
        using Process process = new() { StartInfo = Start(program, arguments) };
        process.OutputDataReceived += (_, data) => Remember(data.Data);
        process.ErrorDataReceived += (_, data) => Remember(data.Data);
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new BakeException(
                "BAKE0373", program, $"It cannot be started: {exception.Message}.",
                "See that the cache lies on a file system that allows programs to run (no noexec).", inner: exception);
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using (cancellationToken.Register(() => Kill(process)))
        {
            process.WaitForExit();
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            throw new BakeException(
                "BAKE0374", $"{Path.GetFileName(program)} {(arguments.Count > 0 ? arguments[0] : "")}",
                $"It ended with exit code {process.ExitCode}: {string.Join(" | ", last)}.",
                "See that there are 2 GiB of memory and 4 GiB of space in the cache.");
        }
#pragma warning restore RS0030
    }

#pragma warning disable RS0030
    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // it has just ended
        }
    }
#pragma warning restore RS0030

    private ProcessStartInfo Start(string program, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
