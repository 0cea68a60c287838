using System.Text;
using Images.Baker.Containers;
using Images.Baker.Containers.Oci;
using Images.Baker.Fetching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Baker.Restoring;
using Images.Formats;

namespace Images.Baker.Baking;

/// <summary>Makes the archive of <see cref="HelloPage"/> of the package that the lock pins for the initramfs.</summary>
/// <param name="options">Where packages come from, and the cache.</param>
/// <param name="progress">Told of a download.</param>
internal sealed class HelloBaker(RestoreOptions options, IBakeProgress progress)
{
    private const string Kind = "hello";

    /// <summary>Raised whenever the same page and package would make another archive.</summary>
    private const string FormatVersion = "hello-1";

    /// <summary>
    /// An OCI archive; kept in the cache by what it is made from, so that only the first call reads a package.
    /// </summary>
    /// <param name="planPath">image.yaml.</param>
    /// <param name="lockPath">The lock that answers it.</param>
    /// <exception cref="BakeException">The plan or its lock is at fault, or the package cannot be had.</exception>
    public async Task<byte[]> MakeAsync(string planPath, string lockPath, CancellationToken cancellationToken)
    {
        ImagePlan plan = ImagePlanReader.ReadFile(planPath);
        ImageLock pinned = ImageLockFile.Read(lockPath);
        pinned.RequireAnswerTo(plan, lockPath);
        LockedPackage package = pinned.PackagesFor(PackageUse.Initramfs)
            .FirstOrDefault(locked => locked.Name == HelloPage.Package) ?? throw new BakeException(
            "BAKE0640",
            lockPath,
            $"The lock pins no {HelloPage.Package}, which the page hello is made of.",
            $"List {HelloPage.Package} under 'initramfs: packages' in image.yaml and run 'baker lock'.");
        BakeCaches caches = BakeCaches.In(options.CacheFolder, options.Clock, progress.Notice);
        Digest key = KeyOf(package, plan);
        if (caches.Derived.TryGet(Kind, key) is { } kept)
        {
            return kept;
        }

        RestoreRequest wanted = new()
        {
            Plan = plan,
            PlanName = planPath,
            Lock = pinned with { Packages = [package] },
            LockName = lockPath,
            TemporaryLock = "",
            InsistOnLock = true,
        };
        byte[] made = await MakeAsync(wanted, caches, cancellationToken).ConfigureAwait(false);
        caches.Derived.Add(Kind, key, made);
        return made;
    }

    private static Digest KeyOf(LockedPackage package, ImagePlan plan) => Digest.Sha256(Encoding.UTF8.GetBytes(
        $"{FormatVersion}\n{HelloPage.Name}\n{package.Digest}\n{plan.Debian.Architecture}\n"
            + $"{Digest.Sha256(HelloPage.ReadPage())}\n"));

    private async Task<byte[]> MakeAsync(RestoreRequest wanted, BakeCaches caches, CancellationToken cancellationToken)
    {
        using Restorer restorer = new(options);
        using BakeStage stage = progress.Begin("make the page");
        RestoredSources sources = await restorer.RestoreAsync(
            wanted, new StageFetchProgress(stage), progress.Notice, cancellationToken).ConfigureAwait(false);
        using UnpackedPackages packages = await UnpackedPackages.OpenAsync(
            sources, wanted.Plan, caches, stage, progress.Notice, cancellationToken).ConfigureAwait(false);
        UnpackedPackage busybox = packages.For(PackageUse.Initramfs).Single();
        ContainerImage image = HelloPage.Make(
            busybox.Locked.Version, busybox.Layer.Entries, wanted.Plan.Debian.Architecture);
        using Stream archive = OciLayout.ToArchive(image).OpenRead();
        using MemoryStream bytes = new();
        await archive.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        return bytes.ToArray();
    }
}
