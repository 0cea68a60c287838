using System.Runtime.InteropServices;
using System.Text;
using Images.Baker.Caching;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Formats;

namespace Images.Baker.Kubernetes;

/// <summary>Programs built from Debian's source package.</summary>
internal sealed class KubernetesDebianPrograms(
    LockedSourceBuild locked, SourceBuildInputs inputs, string cacheFolder, TimeProvider clock) : IKubernetesPrograms
{
    private readonly SourceBuildRecipe _recipe = KubernetesSourceRecipe.For(locked);

    public KubernetesSource Source => KubernetesSource.Debian;

    public LockedSourceBuild Locked => locked;

    public string Version => locked.Version;

    /// <summary>What is done, and to what: the programs follow from it.</summary>
    public string Key => string.Join(
        '\n', [$"recipe {_recipe.ComputeDigest()}", .. Inputs.Select(input => $"{input.Key} {input.Value}")]);

    public IReadOnlyDictionary<string, Digest> Inputs => new SortedDictionary<string, Digest>(
        locked.Source.Files
            .Select(file => (Name: file.FileName(), file.Digest))
            .Concat(locked.Packages.Select(package => (Name: package.FileName(), package.Digest)))
            .ToDictionary(input => input.Name, input => input.Digest, StringComparer.Ordinal),
        StringComparer.Ordinal);

    public IReadOnlyList<string> Changes { get; } = [.. KubernetesSourceFixes.All.Select(fix => fix.Change)];

    /// <summary>
    /// Marks the built programs as used, so that the cache keeps them though a bake needs only their layer.
    /// </summary>
    /// <returns>Whether they are there.</returns>
    public bool TryKeep() => Built(_ => { }).TryKeep();

    public async Task<KubernetesFiles> MakeAsync(
        WorkFolder work, IBakeProgress progress, CancellationToken cancellationToken)
    {
        string folder = await Built(progress.Notice)
            .GetOrBuildAsync(output => BuildAsync(work, output, progress, cancellationToken), cancellationToken);
        return new KubernetesFiles
        {
            Folder = folder,
            Copyright = await inputs.ReadCopyrightAsync(locked, progress, cancellationToken),
            Vendored = await inputs.ReadModulesAsync(locked, progress, cancellationToken),
        };
    }

    private BuiltPrograms Built(Action<string> notice) => new(
        cacheFolder, Digest.Sha256(Encoding.UTF8.GetBytes(Key)), "The programs of Kubernetes", clock, notice);

    private async Task BuildAsync(
        WorkFolder work, string output, IBakeProgress progress, CancellationToken cancellationToken)
    {
        RequireHost();
        await inputs.FetchAsync(locked, progress, cancellationToken);
        using SourceBuildFiles files = await inputs.OpenAsync(locked, progress.Notice, cancellationToken);
        progress.Notice($"Kubernetes {Version} is built from Debian's sources: some minutes, once.");
        new KubernetesSourceBuild(locked, _recipe, files, progress).Run(work.FullPath, output, cancellationToken);
    }

    private static void RequireHost()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
        {
            throw new BakeException(
                "BAKE0372", "--kubernetes",
                "Building from Debian's sources needs a Linux machine with an x86-64 processor.",
                "Use the source upstream or folder here.");
        }
    }
}
