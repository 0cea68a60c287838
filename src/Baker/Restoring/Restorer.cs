using System.Collections.Immutable;
using System.Net;
using Images.Baker.Caching;
using Images.Baker.Containers;
using Images.Baker.Containers.Registry;
using Images.Baker.Debian.Archive;
using Images.Baker.Fetching;
using Images.Baker.Kubernetes;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Toolchain;

namespace Images.Baker.Restoring;

/// <summary>The connections and the cache of one command: makes locks and obtains what a lock names.</summary>
internal sealed class Restorer : IDisposable
{
    private readonly HttpClient _client;
    private readonly ArtefactFetcher _fetcher;
    private readonly ArchiveArtefacts _archive;
    private readonly LockMaker _lockMaker;
    private readonly CacheLease _lease;
    private readonly RegistryClient _registry;

    public Restorer(RestoreOptions options)
    {
        Clock = options.Clock;
        DerivedFolder = options.DerivedFolder ?? options.CacheFolder;
        _lease = CacheLease.Take(options.CacheFolder);
        SocketsHttpHandler handler = new()
        {
            ConnectTimeout = TimeSpan.FromSeconds(15),
            AutomaticDecompression = DecompressionMethods.None,
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("images-baker");
        MirrorSet mirrors = MirrorSet.Choose(
            options.Mirror, options.Mirror is null ? AptSources.Read(options.AptFolder) : AptSources.None);
        ContentCache cache = new(options.CacheFolder, options.Clock);
        Cache = cache;
        _registry = new RegistryClient(options.Download);
        Containers = new ContainerSources(_registry, cache, options.Download);
        _fetcher = new ArtefactFetcher(cache, _client, options.Download);
        _archive = new ArchiveArtefacts(mirrors, options.Snapshots);
        SmallDownload small = new(_client, options.Download);
        ReleaseChecker releases = new(options.Clock);
        SuiteReader suites = new(_fetcher, mirrors, options.Snapshots, small, releases);
        LockChecker = new LockChecker(suites, releases);
        UpstreamServer upstream = new(UpstreamServer.MirrorOf(options.KubernetesMirror), _client, small);
        SourceBuild = new SourceBuildInputs(_archive, _fetcher);
        DebianSourceLock debianLock = new(suites);
        KubernetesLock = new KubernetesLockMaker(upstream, debianLock);
        Kubernetes = new KubernetesSources(
            upstream, SourceBuild, debianLock, _fetcher, cache, DerivedFolder, options.Clock);
        _lockMaker = new LockMaker(suites, KubernetesLock);
        Toolchain = new LinkerToolchain(
            _fetcher,
            _archive,
            (request, notice, token) => LockAsync(request.Plan, request.Lock, request.PlanName, notice, token),
            options.CacheFolder,
            options.Clock);
    }

    public TimeProvider Clock { get; }

    /// <summary>Where what is made of downloads is kept.</summary>
    public string DerivedFolder { get; }

    /// <summary>Every InRelease that was believed lies there by its digest.</summary>
    public ContentCache Cache { get; }

    public LockChecker LockChecker { get; }

    /// <summary>Container images that the image carries.</summary>
    public ContainerSources Containers { get; }

    public KubernetesSources Kubernetes { get; }

    public KubernetesLockMaker KubernetesLock { get; }

    public SourceBuildInputs SourceBuild { get; }

    /// <summary>What the bootstrapper is linked with.</summary>
    public LinkerToolchain Toolchain { get; }

    /// <summary>
    /// Resolves the plan against the archives as they are now; container images stay as <paramref name="previous"/>
    /// pins them.
    /// </summary>
    /// <param name="previous">The lock so far, whose releases may not be gone back behind; null for none.</param>
    /// <param name="planName">How errors call the plan.</param>
    /// <param name="notice">Told a line for each step.</param>
    /// <exception cref="BakeException">A source cannot be reached or believed, or a package cannot be had.</exception>
    public Task<ImageLock> LockAsync(
        ImagePlan plan, ImageLock? previous, string planName, Action<string> notice,
        CancellationToken cancellationToken) =>
        _lockMaker.MakeAsync(plan, previous, planName, notice, cancellationToken);

    /// <summary>Which packages of a lock are older than what the archives hold now, a line each.</summary>
    /// <exception cref="BakeException">A source cannot be reached or believed, or a package cannot be had.</exception>
    public async Task<IEnumerable<string>> FindOutdatedAsync(
        ImagePlan plan, ImageLock pinned, string planName, Action<string> notice, CancellationToken cancellationToken)
    {
        List<ArchivePackage> offered = [];
        ImageLock now = await _lockMaker.MakeAsync(plan, pinned, planName, notice, cancellationToken, offered);
        return OutdatedPackages.Describe(pinned, now, offered);
    }

    /// <summary>
    /// Brings everything that the lock names into the cache. Where pinned files are gone from the mirrors and from the
    /// snapshot archive, resolves a temporary lock instead, unless that is refused; the committed lock stays as it is.
    /// </summary>
    /// <param name="request">The plan, its lock, and what is allowed.</param>
    /// <param name="progress">Told after each read; from several threads.</param>
    /// <param name="notice">
    /// Told what moved, if anything did, and of mirrors that send wrong bytes; from several threads.
    /// </param>
    /// <param name="cancellationToken">Stops it; what is there stays and is gone on with next time.</param>
    /// <exception cref="BakeException">An artefact cannot be had, or is not what is pinned.</exception>
    public async Task<RestoredSources> RestoreAsync(
        RestoreRequest request,
        IProgress<FetchProgress>? progress,
        Action<string> notice,
        CancellationToken cancellationToken)
    {
        ImmutableArray<LockedPackage> gone = await FetchAsync(request.Lock, progress, notice, cancellationToken);
        if (gone.IsEmpty)
        {
            return Restored(request.Lock, isRelocked: false);
        }

        ImageLock relocked = await TemporaryLock.MakeAsync(
            request,
            "packages",
            string.Join(", ", gone.Select(package => $"{package.Name} {package.Version}")),
            whose: "",
            () => LockAsync(request.Plan, request.Lock, request.PlanName, notice, cancellationToken),
            notice);
        gone = await FetchAsync(relocked, progress, notice, cancellationToken);
        return gone.IsEmpty
            ? Restored(relocked, isRelocked: true)
            : throw new BakeException(
                "BAKE0333",
                request.TemporaryLock,
                "The mirror's index names files that it does not have: "
                    + $"{string.Join(", ", gone.Select(package => package.FileName()))}.",
                "Wait until the mirror has finished its update, or use another one (--mirror).",
                BakeFault.Source);
    }

    public void Dispose()
    {
        _client.Dispose();
        _lease.Dispose();
        _registry.Dispose();
    }

    private async Task<ImmutableArray<LockedPackage>> FetchAsync(
        ImageLock wanted, IProgress<FetchProgress>? progress, Action<string> notice,
        CancellationToken cancellationToken)
    {
        Dictionary<string, LockedPackage> packages = wanted.Packages.ToDictionary(
            package => package.FileName(), StringComparer.Ordinal);
        ImmutableArray<Artefact> gone = await _fetcher.FetchAsync(
            [.. wanted.Packages.Select(package => _archive.Of(package, wanted.Releases))], progress, notice,
            cancellationToken);
        return [.. gone.Select(artefact => packages[artefact.Name])];
    }

    private RestoredSources Restored(ImageLock restored, bool isRelocked) =>
        new() { Lock = restored, IsRelocked = isRelocked, Archive = _archive, Fetcher = _fetcher };
}
