using System.CommandLine;
using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;

namespace Images.Baker.Cli;

/// <summary>
/// <c>baker lock</c>: resolves image.yaml against the archives and writes image.lock.json. The
/// only command that writes it; with --check or --outdated it does not either.
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
        Option<bool> check = new("--check")
        {
            Description = "Write nothing; see that every pinned package stands in an index that a pinned key signed.",
        };
        Option<bool> strict = new("--strict")
        {
            Description = "With --check: refuse what cannot be checked, because its index cannot be had any more.",
        };
        Option<string?> changedFrom = new("--changed-from")
        {
            Description = "With --check: an older lock; what it pins as well is left out.",
        };
        Option<bool> outdated = new("--outdated")
        {
            Description = "Write nothing; name the packages that have newer versions, those of security first.",
        };
        Command command = new("lock", "Resolves image.yaml and pins every artefact in image.lock.json.")
        {
            plan, lockFile, mirror, cache, kubernetesMirror, check, strict, changedFrom, outdated,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(strict) || result.GetValue(changedFrom) is not null) && !result.GetValue(check))
            {
                result.AddError("--strict and --changed-from go with --check.");
            }

            if (result.GetValue(check) && result.GetValue(outdated))
            {
                result.AddError("Ask for one of --check and --outdated.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            string planPath = result.GetValue(plan)!;
            string lockPath = result.GetValue(lockFile)
                ?? Path.Combine(Path.GetDirectoryName(planPath) ?? "", "image.lock.json");
            using Restorer restorer = new(new RestoreOptions
            {
                Mirror = result.GetValue(mirror),
                KubernetesMirror = result.GetValue(kubernetesMirror),
                CacheFolder = CacheFolder.Choose(result.GetValue(cache), Environment.GetEnvironmentVariable),
                // whether a release has expired is asked of the host's clock; nothing of it reaches the lock
#pragma warning disable RS0030
                Clock = TimeProvider.System,
#pragma warning restore RS0030
            });
            return (result.GetValue(check), result.GetValue(outdated)) switch
            {
                (true, _) => await CheckAsync(
                    restorer, planPath, lockPath, result.GetValue(changedFrom), result.GetValue(strict),
                    cancellationToken),
                (_, true) => await SayOutdatedAsync(restorer, planPath, lockPath, cancellationToken),
                _ => await LockAsync(restorer, planPath, lockPath, cancellationToken),
            };
        });
        return command;
    }

    private static async Task<int> LockAsync(
        Restorer restorer, string planPath, string lockPath, CancellationToken cancellationToken)
    {
        ImagePlan plan = ImagePlanReader.ReadFile(planPath);
        ImageLock? previous = ImageLockFile.ReadIfAny(lockPath);
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
        ReleaseTexts.Write(lockPath, made, restorer.Cache);
        Console.WriteLine($"{lockPath} is written; the releases that it was resolved from lie in "
            + $"{ReleaseTexts.FolderOf(lockPath)}.");
        return 0;
    }

    private static async Task<int> CheckAsync(
        Restorer restorer, string planPath, string lockPath, string? changedFrom, bool strict,
        CancellationToken cancellationToken)
    {
        LockReport report = await restorer.LockChecker.CheckAsync(
            ImagePlanReader.ReadFile(planPath),
            ImageLockFile.Read(lockPath),
            lockPath,
            changedFrom is null ? null : ImageLockFile.Read(changedFrom),
            Console.WriteLine,
            cancellationToken);
        foreach (string line in report.Lines)
        {
            Console.WriteLine(line);
        }

        return strict && report.UncheckedCount > 0
            ? throw new BakeException(
                "BAKE0352", lockPath, $"{report.UncheckedCount} pinned files could not be checked.",
                "Use a mirror that still has the indexes (--mirror), or run 'baker lock' and commit its result.",
                BakeFault.Source)
            : 0;
    }

    private static async Task<int> SayOutdatedAsync(
        Restorer restorer, string planPath, string lockPath, CancellationToken cancellationToken)
    {
        ImageLock pinned = ImageLockFile.Read(lockPath);
        foreach (string line in await restorer.FindOutdatedAsync(
            ImagePlanReader.ReadFile(planPath), pinned, planPath, Console.WriteLine, cancellationToken))
        {
            Console.WriteLine(line);
        }

        return 0;
    }
}
