using System.Diagnostics;

namespace Images.TestSupport;

/// <summary>A foreign program that judges what our writers made. A missing one fails the test and says how to get it.</summary>
public static class Judge
{
    /// <summary>Runs the program and returns its standard output; a non-zero exit fails the test with both outputs.</summary>
    public static string Run(string program, params string[] arguments)
    {
        JudgeResult result = Try(program, arguments);
        return result.ExitCode == 0
            ? result.Output
            : throw new JudgeException($"{program} {string.Join(' ', arguments)} exited with {result.ExitCode}:\n{result.Output}\n{result.Error}");
    }

    /// <summary>Runs the program and returns whatever it did.</summary>
    public static JudgeResult Try(string program, params string[] arguments) => Try(program, arguments, input: null);

    public static JudgeResult Try(string program, string[] arguments, byte[]? input, string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(Find(program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? "",
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task feed = Task.Run(() =>
        {
            try
            {
                process.StandardInput.BaseStream.Write(input ?? []);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // the program ended without reading all of its input; its exit code tells
            }
        });
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        feed.Wait();
        return new JudgeResult(process.ExitCode, output, error.Result);
    }

    /// <summary>Full path of the program.</summary>
    public static string Find(string program)
    {
        string path = (Environment.GetEnvironmentVariable("PATH") ?? "") + ":/usr/sbin:/sbin:/usr/lib/cni";
        string? found = path.Split(':').Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        return found ?? throw new JudgeException(
            $"The judge '{program}' is missing, so this test cannot decide. Install it: apt-get install {PackageOf(program)}");
    }

    private static string PackageOf(string program) =>
        File.ReadLines(Path.Combine(Checkout.Folder, "tests", "judges.txt"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(words => words is [{ } name, _, ..] && name == program)?[1] ?? program;
}
