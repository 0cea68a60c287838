using System.CommandLine;
using Images.Baker.Baking;
using Images.Baker.Caching;
using Images.Baker.Progress;
using Images.Baker.Restoring;

namespace Images.Baker.Cli;

/// <summary><c>baker bake PLAN</c>: makes the image, its manifest and its SBOM.</summary>
internal static class BakeCommand
{
    public static Command Create()
    {
        Argument<string> plan = new("plan")
        {
            Description = "The plan of the image.",
            DefaultValueFactory = _ => "image.yaml",
        };
        Option<string> bootstrapper = new("--bootstrapper")
        {
            Description = "The published bootstrapper, one file.",
            Required = true,
        };
        Option<string> output = new("--out")
        {
            Description = "Folder for the image.",
            DefaultValueFactory = _ => "artifacts",
        };
        Option<string?> lockFile = new("--lock") { Description = "The lock; image.lock.json beside the plan." };
        Option<string?> mirror = new("--mirror")
        {
            Description = "A Debian mirror; else the host's apt sources, else ftp.debian.org.",
        };
        Option<string?> cache = new("--cache")
        {
            Description = "Where downloads and layers are kept; else IMAGES_CACHE, else the user's cache folder.",
        };
        Option<string?> kubernetes = KubernetesOptions.Source();
        Option<string?> kubernetesMirror = KubernetesOptions.Mirror();
        Option<bool> locked = new("--locked")
        {
            Description = "Refuse whatever the lock does not pin; implied by CI=true.",
        };
        Option<string[]> tools = new("--tool")
        {
            Description = "NAME=VERSION of what built the bootstrapper, for the manifest.",
        };
        Option<string?> nuGetLock = new("--nuget-lock")
        {
            Description = "packages.lock.json of the bootstrapper, for the bill of materials.",
        };
        Option<bool> noDerivedCache = new("--no-derived-cache")
        {
            Description = "Use no kept layers and programs, only downloads, which are compared with the lock.",
        };
        Option<string?> forCluster = new("--for-cluster")
        {
            Description = "The folder of a cluster that exists: takes its source of Kubernetes, and refuses a version "
                + "that it cannot go to.",
        };
        Option<string?> from = new("--from")
        {
            Description = "A disk or an upgrade of the image that nodes run: makes a delta to it, too.",
        };
        Option<bool> dryRun = new("--dry-run")
        {
            Description = "Check plan, lock, roles and programs, say what would be made, and make nothing.",
        };
        Command command = new("bake", "Makes the disk image.")
        {
            plan, bootstrapper, output, lockFile, mirror, cache, kubernetes, kubernetesMirror, locked, tools,
            nuGetLock, noDerivedCache, forCluster, from, dryRun,
        };
        command.SetAction((result, cancellationToken) =>
        {
            string planPath = result.GetValue(plan)!;
            BakeRequest request = new()
            {
                Plan = planPath,
                Lock = result.GetValue(lockFile)
                    ?? Path.Combine(Path.GetDirectoryName(planPath) ?? "", "image.lock.json"),
                Bootstrapper = result.GetValue(bootstrapper)!,
                OutputFolder = result.GetValue(output)!,
                CacheFolder = CacheFolder.Choose(result.GetValue(cache), Environment.GetEnvironmentVariable),
                Mirror = result.GetValue(mirror),
                ForCluster = result.GetValue(forCluster),
                From = result.GetValue(from),
                Kubernetes = KubernetesOptions.Parse(result.GetValue(kubernetes)),
                InsistOnLock = result.GetValue(locked) || Environment.GetEnvironmentVariable("CI") == "true",
                SourceDateEpoch = Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"),
                NuGetLock = result.GetValue(nuGetLock),
                Tools = ToolVersions(result.GetValue(tools) ?? []),
            };
            return result.GetValue(dryRun) ? PreviewAsync(request, cancellationToken) : RunAsync(
                request, result.GetValue(kubernetesMirror), result.GetValue(noDerivedCache), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        BakeRequest request, string? kubernetesMirror, bool noDerivedCache, CancellationToken cancellationToken)
    {
        // it measures and displays; but for a temporary lock, nothing that is made knows the time
#pragma warning disable RS0030
        TimeProvider clock = TimeProvider.System;
#pragma warning restore RS0030
        long started = clock.GetTimestamp();
        using IBakeProgress progress = Console.IsOutputRedirected
            ? new PlainProgress(Console.Out, clock)
            : new TerminalProgress(TerminalOutput.Open(), () => Console.WindowWidth, clock);
        using WorkFolder? derived = noDerivedCache ? WorkFolder.Create(request.CacheFolder) : null;
        BakeResult made = await BakeAsync(
            request, kubernetesMirror, derived?.FullPath, progress, clock, cancellationToken).ConfigureAwait(false);
        CacheSweep.RunDaily(request.CacheFolder, new CacheLimits(), clock, progress.Notice);
        BakeSummary.Write(Console.Out, made, progress.Finished, clock.GetElapsedTime(started));
        return 0;
    }

    private static async Task<int> PreviewAsync(BakeRequest request, CancellationToken cancellationToken)
    {
        BakeInputs inputs = await BakeInputs.ReadAsync(
            request, notice => Console.WriteLine($"note: {notice}"), cancellationToken).ConfigureAwait(false);
        BakePreview.Write(Console.Out, request, inputs);
        return 0;
    }

    private static async Task<BakeResult> BakeAsync(
        BakeRequest request, string? kubernetesMirror, string? derivedFolder, IBakeProgress progress,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        using Restorer restorer = new(new RestoreOptions
        {
            Mirror = request.Mirror,
            KubernetesMirror = kubernetesMirror,
            CacheFolder = request.CacheFolder,
            DerivedFolder = derivedFolder,
            Clock = clock,
        });
        return await new ImageBaker(restorer, progress).BakeAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private static SortedDictionary<string, string> ToolVersions(string[] pairs)
    {
        SortedDictionary<string, string> tools = new(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            string[] parts = pair.Split('=', 2);
            tools[parts[0]] = parts.Length > 1
                ? parts[1]
                : throw new BakeException(
                    "BAKE0003", "--tool", $"'{pair}' is not NAME=VERSION.", "Write it as sdk=10.0.401.");
        }

        return tools;
    }
}
