using System.CommandLine;
using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;

namespace Images.Baker.Cli;

/// <summary>
/// <c>baker lock</c>: resolves image.yaml against the archives and writes image.lock.json. The
/// only command that writes it.
/// </summary>
internal static class LockCommand
{
    public static Command Create()
    {
        Option<string> plan = new("--plan")
        {
            Description = "The plan of the image.",
            DefaultValueFactory = _ => "image.yaml",
        };
        Option<string?> lockFile = new("--lock")
        {
            Description = "The lock to write; image.lock.json beside the plan.",
        };
        Option<string?> mirror = new("--mirror")
        {
            Description = "A Debian mirror; else the host's apt sources, else ftp.debian.org.",
        };
        Option<string?> cache = new("--cache")
        {
            Description = "Where downloads are kept; else IMAGES_CACHE, else the user's cache folder.",
        };
        Option<string?> kubernetesMirror = KubernetesOptions.Mirror();
        Command command = new("lock", "Resolves image.yaml and pins every artefact in image.lock.json.")
        {
            plan, lockFile, mirror, cache, kubernetesMirror,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            result.GetValue(plan)!, result.GetValue(lockFile), result.GetValue(mirror), result.GetValue(cache),
            result.GetValue(kubernetesMirror), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string planPath, string? lockPath, string? mirror, string? cache, string? kubernetesMirror,
        CancellationToken cancellationToken)
    {
        lockPath ??= Path.Combine(Path.GetDirectoryName(planPath) ?? "", "image.lock.json");
        ImagePlan plan = ImagePlanReader.ReadFile(planPath);
        ImageLock? previous = ImageLockFile.ReadIfAny(lockPath);
        using Restorer restorer = new(new RestoreOptions
        {
            Mirror = mirror,
            KubernetesMirror = kubernetesMirror,
            CacheFolder = CacheFolder.Choose(cache, Environment.GetEnvironmentVariable),
            // whether a release has expired is asked of the host's clock; nothing of it reaches the lock
#pragma warning disable RS0030
            Clock = TimeProvider.System,
#pragma warning restore RS0030
        });
        ImageLock made = await restorer.LockAsync(plan, previous, planPath, Console.WriteLine, cancellationToken);
        made = made with
        {
            Containers = await restorer.Containers.LockAsync(plan, Console.WriteLine, cancellationToken),
        };
        foreach (string change in previous is null ? [] : LockDifference.Describe(previous, made))
        {
            Console.WriteLine(change);
        }

        ImageLockFile.Write(lockPath, made);
        Console.WriteLine($"{lockPath} is written.");
        return 0;
    }
}
