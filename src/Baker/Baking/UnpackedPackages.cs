using System.Collections.Concurrent;
using Images.Baker.Debian.Archive;
using Images.Baker.Debian.Packages;
using Images.Baker.Layers;
using Images.Baker.Locking;
using Images.Baker.Manifest;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Baker.Restoring;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Baking;

/// <summary>Every package of the lock as a layer, opened from the cache or unpacked into it; sorted by name.</summary>
internal sealed class UnpackedPackages : IDisposable
{
    private const string ControlKind = "control";

    private readonly IReadOnlyList<UnpackedPackage> _packages;

    private UnpackedPackages(IReadOnlyList<UnpackedPackage> packages) => _packages = packages;

    /// <summary>Opens or makes all layers, the largest packages first, spread over the processors.</summary>
    /// <exception cref="BakeException">A package is not what is pinned, or the cache cannot be written.</exception>
    /// <exception cref="MalformedDataException">A package is damaged or holds what an image cannot.</exception>
    public static async Task<UnpackedPackages> OpenAsync(
        RestoredSources sources, ImagePlan plan, BakeCaches caches, BakeStage stage, Action<string> notice,
        CancellationToken cancellationToken)
    {
        ConcurrentBag<UnpackedPackage> opened = [];
        await InParallel.ForEachAsync(
            sources.Lock.Packages.OrderByDescending(package => package.Size),
            async (package, token) =>
            {
                opened.Add(await OpenAsync(package, sources, plan.Prune, caches, notice, token).ConfigureAwait(false));
                stage.Add(package.Size);
            },
            cancellationToken).ConfigureAwait(false);
        return new UnpackedPackages([.. opened.OrderBy(package => package.Locked.Name, StringComparer.Ordinal)]);
    }

    public IEnumerable<UnpackedPackage> For(PackageUse use) =>
        _packages.Where(package => package.Locked.Uses.Contains(use));

    /// <summary>
    /// The files of some packages as one tree, a later package's over an earlier one's; for what is taken out of
    /// packages, not for the root.
    /// </summary>
    public FileTree TreeOf(PackageUse use, long timeUnixSeconds, Func<UnpackedPackage, bool>? which = null)
    {
        FileTreeBuilder tree = new(timeUnixSeconds);
        foreach ((TreePath path, TreeNode node) in For(use)
            .Where(package => which?.Invoke(package) ?? true)
            .SelectMany(package => package.Layer.Entries))
        {
            tree.Set(path, node);
        }

        return tree.Build();
    }

    public void Dispose()
    {
        foreach (UnpackedPackage package in _packages)
        {
            package.Layer.Dispose();
        }
    }

    /// <summary>The package itself is read only where its layer or its control file is not kept.</summary>
    private static async Task<UnpackedPackage> OpenAsync(
        LockedPackage package, RestoredSources sources, PrunePlan prune, BakeCaches caches, Action<string> notice,
        CancellationToken cancellationToken)
    {
        LayerKey key = LayerKey.Of(package.Digest, PackageRules.Of(package, prune));
        Layer? layer = caches.Layers.TryOpen(key, package.FileName());
        byte[]? control = caches.Derived.TryGet(ControlKind, package.Digest);
        if (layer is null || control is null)
        {
            using FileStream stream = await sources.OpenAsync(package, notice, cancellationToken).ConfigureAwait(false);
            DebPackage deb = DebPackage.Open(stream, package.FileName());
            layer ??= caches.Layers.Add(
                key, package.FileName(), builder => builder.AddTar(deb.OpenData, deb.DataName, cancellationToken));
            if (control is null)
            {
                control = deb.Control.Members["control"].ToArray();
                caches.Derived.Add(ControlKind, package.Digest, control);
            }
        }

        return new UnpackedPackage(package, Describe(package, control), layer);
    }

    private static InstalledPackage Describe(LockedPackage package, byte[] control)
    {
        ControlParagraph fields = ControlFile.Parse(new MemoryStream(control), package.FileName()).Single();
        LockedControl.Require(package, fields);

        // Policy 5.6.1: "Source: name (version)", either part only where it differs from the binary package's
        string[] source = (fields["Source"] ?? package.Name).Split(' ', 2);
        return new InstalledPackage
        {
            Name = package.Name,
            Version = package.Version,
            Architecture = package.Architecture,
            Source = source[0],
            SourceVersion = source.Length > 1 ? source[1].Trim('(', ')') : package.Version,
            Digest = package.Digest,
            SizeBytes = package.Size,
            Archive = package.Archive,
            ArchivePath = package.Path,
            Suite = package.Suite,
            ControlText = System.Text.Encoding.UTF8.GetString(control),
        };
    }
}
