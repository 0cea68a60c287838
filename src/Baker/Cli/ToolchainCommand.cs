using System.CommandLine;
using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;
using Images.Baker.Toolchain;

namespace Images.Baker.Cli;

/// <summary>
/// <c>baker toolchain</c>: unpacks the pinned linker into the cache and prints its folder,
/// which the build hands to .NET.
/// </summary>
internal static class ToolchainCommand
{
    public static Command Create()
    {
        Option<string> plan = new("--plan")
        {
            Description = "The plan of the image.",
            DefaultValueFactory = _ => "image.yaml",
        };
        Option<string?> lockFile = new("--lock") { Description = "The lock; image.lock.json beside the plan." };
        Option<string?> mirror = new("--mirror")
        {
            Description = "A Debian mirror; else the host's apt sources, else ftp.debian.org.",
        };
        Option<string?> cache = new("--cache")
        {
            Description = "Where downloads and the linker are kept; else IMAGES_CACHE, else the user's cache folder.",
        };
        Option<bool> locked = new("--locked")
        {
            Description = "Refuse whatever the lock does not pin; implied by CI=true.",
        };
        Option<bool> noDerivedCache = new("--no-derived-cache")
        {
            Description = "Unpack it again, from packages that are compared with the lock, and replace what differs.",
        };
        Command command = new("toolchain", "Unpacks the linker of the bootstrapper and prints its folder.")
        {
            plan, lockFile, mirror, cache, locked, noDerivedCache,
        };
        command.SetAction((result, cancellationToken) =>
        {
            string planPath = result.GetValue(plan)!;
            string lockPath = result.GetValue(lockFile)
                ?? Path.Combine(Path.GetDirectoryName(planPath) ?? "", "image.lock.json");
            ToolchainRequest request = new()
            {
                Plan = ImagePlanReader.ReadFile(planPath),
                PlanName = planPath,
                Lock = ImageLockFile.Read(lockPath),
                LockName = lockPath,
                Anew = result.GetValue(noDerivedCache),
                InsistOnLock = result.GetValue(locked) || Environment.GetEnvironmentVariable("CI") == "true",
            };
            RestoreOptions options = new()
            {
                Mirror = result.GetValue(mirror),
                CacheFolder = CacheFolder.Choose(result.GetValue(cache), Environment.GetEnvironmentVariable),
#pragma warning disable RS0030 // notes when the folder was last used, and asks whether a release has expired
                Clock = TimeProvider.System,
#pragma warning restore RS0030
            };
            return RunAsync(request, options, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        ToolchainRequest request, RestoreOptions options, CancellationToken cancellationToken)
    {
        using Restorer session = new(options);
        Console.WriteLine(await session.Toolchain.ObtainAsync(request, Console.Error.WriteLine, cancellationToken));
        return 0;
    }
}
