using System.CommandLine;
using System.Diagnostics;
using Images.Baker.Baking;
using Images.Baker.Progress;
using Images.Baker.Sources;

namespace Images.Baker.Cli;

/// <summary><c>baker bake PLAN</c>: makes the image, its manifest and its SBOM.</summary>
internal static class BakeCommand
{
    public static Command Create()
    {
        Argument<string> plan = new("plan") { Description = "The plan of the image.", DefaultValueFactory = _ => "image.yaml" };
        Option<string> bootstrapper = new("--bootstrapper") { Description = "The published bootstrapper, one file.", Required = true };
        Option<string> output = new("--out") { Description = "Folder for the image.", DefaultValueFactory = _ => "artifacts" };
        Option<string?> lockFile = new("--lock") { Description = "The lock; image.lock.json beside the plan." };
        Option<string?> mirror = new("--mirror") { Description = "A Debian mirror; else the host's apt sources, else ftp.debian.org." };
        Option<string?> cache = new("--cache") { Description = "Where downloads and layers are kept; else IMAGES_CACHE, else the user's cache folder." };
        Option<bool> locked = new("--locked") { Description = "Refuse whatever the lock does not pin; implied by CI=true." };
        Option<string[]> tools = new("--tool") { Description = "NAME=VERSION of what built the bootstrapper, for the manifest." };
        Command command = new("bake", "Makes the disk image.") { plan, bootstrapper, output, lockFile, mirror, cache, locked, tools };
        command.SetAction((result, cancellationToken) =>
        {
            string planPath = result.GetValue(plan)!;
            BakeRequest request = new()
            {
                Plan = planPath,
                Lock = result.GetValue(lockFile) ?? Path.Combine(Path.GetDirectoryName(planPath) ?? "", "image.lock.json"),
                Bootstrapper = result.GetValue(bootstrapper)!,
                OutputFolder = result.GetValue(output)!,
                CacheFolder = CacheFolder.Choose(result.GetValue(cache), Environment.GetEnvironmentVariable),
                Mirror = result.GetValue(mirror),
                InsistOnLock = result.GetValue(locked) || Environment.GetEnvironmentVariable("CI") == "true",
                SourceDateEpoch = Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"),
                Tools = ToolVersions(result.GetValue(tools) ?? []),
            };
            return RunAsync(request, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(BakeRequest request, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        using SourceSession session = new(new SourceOptions
        {
            Mirror = request.Mirror,
            CacheFolder = request.CacheFolder,
#pragma warning disable RS0030 // only a temporary lock asks the host's clock whether a release has expired
            Clock = TimeProvider.System,
#pragma warning restore RS0030
        });
        TerminalProgress? terminal = Console.IsOutputRedirected ? null : new TerminalProgress(Console.Out);
        IBakeProgress progress = terminal is null ? new PlainProgress(Console.Out) : terminal;
        try
        {
            BakeResult made = await new ImageBaker(session, progress).BakeAsync(request, cancellationToken).ConfigureAwait(false);
            Console.WriteLine();
            Console.WriteLine($"{made.Image}  version {made.Version}, {made.Packages} packages");
            Console.WriteLine($"  disk {ByteText.Size(made.DiskBytes)}, root {ByteText.Size(made.RootBytes)} of {ByteText.Size(made.RootSlotBytes)}, verity root hash {made.Verity.RootHash}");
            Console.WriteLine($"  {made.Manifest}");
            Console.WriteLine($"  {made.Sbom}");
            Console.WriteLine($"  in {ByteText.Duration(Stopwatch.GetElapsedTime(started))}: {string.Join(", ", progress.Finished.Select(stage => $"{stage.Name} {ByteText.Duration(stage.Duration)}"))}");
            return 0;
        }
        finally
        {
            terminal?.Dispose();
        }
    }

    private static SortedDictionary<string, string> ToolVersions(string[] pairs)
    {
        SortedDictionary<string, string> tools = new(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            string[] parts = pair.Split('=', 2);
            tools[parts[0]] = parts.Length > 1 ? parts[1] : throw new BakeException("BAKE0003", "--tool", $"'{pair}' is not NAME=VERSION.", "Write it as sdk=10.0.401.");
        }

        return tools;
    }
}
