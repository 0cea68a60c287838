using System.Collections.Immutable;
using Images.Baker.Caching;
using Images.Baker.Fetching;
using Images.Baker.Kubernetes;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Progress;

namespace Images.Baker.Restoring;

/// <summary>Decides which of the pinned sources a bake uses, and sees that it can be used.</summary>
internal sealed class KubernetesSources(
    UpstreamServer server, SourceBuildInputs inputs, DebianSourceLock debianLock, ArtefactFetcher fetcher,
    ContentCache cache, string cacheFolder, TimeProvider clock)
{
    /// <summary>What command line and plan ask for, without asking any server; null for none.</summary>
    /// <inheritdoc cref="ChooseAsync"/>
    public static (KubernetesSource Source, LockedKubernetes Pinned)? Asked(RestoreRequest request)
    {
        KubernetesSource asked = request.Kubernetes ?? request.Plan.Kubernetes?.Source ?? KubernetesSource.None;
        if (asked == KubernetesSource.None)
        {
            return null;
        }

        LockedKubernetes locked = request.Plan.Kubernetes?.Describes(asked) == true
            && request.Lock.Kubernetes is { } pinned
            ? pinned
            : throw new BakeException(
                "BAKE0369", request.PlanName,
                $"The source '{KubernetesPlanReader.Name(asked)}' of Kubernetes is not described.",
                "Describe it under 'kubernetes' and run 'baker lock'.");
        if (asked == KubernetesSource.Auto && request.InsistOnLock)
        {
            throw new BakeException(
                "BAKE0368", request.PlanName,
                "Under --locked (implied by CI=true) the source of Kubernetes may not depend on who can be "
                    + "reached, and it is 'auto'.",
                "Say --kubernetes upstream or --kubernetes debian.");
        }

        return (asked, locked);
    }

    /// <param name="notice">Told where 'auto' takes Debian's.</param>
    /// <param name="cancellationToken">Stops asking the server.</param>
    /// <returns>Null where the image is to hold no Kubernetes.</returns>
    /// <exception cref="BakeException">The source is not described or pinned, or may not be left open.</exception>
    public async Task<IKubernetesPrograms?> ChooseAsync(
        RestoreRequest request, Action<string> notice, CancellationToken cancellationToken)
    {
        if (Asked(request) is not { } source)
        {
            return null;
        }

        (KubernetesSource asked, LockedKubernetes locked) = source;
        return asked switch
        {
            KubernetesSource.Upstream => Upstream(locked),
            KubernetesSource.Folder =>
                KubernetesFolderPrograms.Open(locked.Folder!, request.Plan.Kubernetes!.Folder!.Path),
            KubernetesSource.Debian => Debian(locked.Debian!, out _),
            _ => await ChooseReachableAsync(locked, notice, cancellationToken),
        };
    }

    /// <summary>
    /// Fetches what Debian's programs are to be built from; other programs are left as they are. Where pinned files are
    /// gone from the mirrors and from the snapshot archive (backports keep one version), resolves this part of the lock
    /// anew for this bake, unless that is refused; the committed lock stays as it is.
    /// </summary>
    /// <returns>The programs to use: these, or others from what the archive holds now.</returns>
    /// <exception cref="BakeException">Something cannot be had, or is not what is pinned.</exception>
    public async Task<IKubernetesPrograms> ObtainAsync(
        IKubernetesPrograms programs, RestoreRequest request, IBakeProgress progress,
        CancellationToken cancellationToken)
    {
        if (programs is not KubernetesDebianPrograms debian || debian.TryKeep())
        {
            return programs;
        }

        ImmutableArray<string> gone = await inputs.TryFetchAsync(debian.Locked, progress, cancellationToken);
        if (gone.IsEmpty)
        {
            return programs;
        }

        ImageLock relocked = await TemporaryLock.MakeAsync(
            request, "files", string.Join(", ", gone), "Debian's Kubernetes", ResolveAsync, progress.Notice);
        LockedSourceBuild now = relocked.Kubernetes!.Debian!;
        await inputs.FetchAsync(now, progress, cancellationToken);
        return Debian(now, out _);

        async Task<ImageLock> ResolveAsync() => request.Lock with
        {
            Kubernetes = request.Lock.Kubernetes! with
            {
                Debian = await debianLock.MakeAsync(
                    request.Plan, debian.Locked, request.PlanName, progress.Notice, cancellationToken),
            },
        };
    }

    private KubernetesUpstreamPrograms Upstream(LockedKubernetes locked) =>
        new(locked.Upstream!, server, fetcher, cache);

    private KubernetesDebianPrograms Debian(LockedSourceBuild locked, out bool isBuilt)
    {
        KubernetesDebianPrograms programs = new(locked, inputs, cacheFolder, clock);
        isBuilt = programs.TryKeep();
        return programs;
    }

    /// <summary>
    /// Who has built Debian's already has baked without upstream's before, and shall not wait long for it each time.
    /// </summary>
    private async Task<IKubernetesPrograms> ChooseReachableAsync(
        LockedKubernetes locked, Action<string> notice, CancellationToken cancellationToken)
    {
        LockedUpstream upstream = locked.Upstream!;
        if (cache.SizeOf(upstream.Digest) is not null)
        {
            return Upstream(locked);
        }

        KubernetesDebianPrograms debian = Debian(locked.Debian!, out bool isBuilt);
        UpstreamAnswer answer = await server.AskAsync(
            upstream.Path, isBuilt ? UpstreamServer.LittlePatience : UpstreamServer.Patience, cancellationToken);
        if (answer.Size is not null)
        {
            return Upstream(locked);
        }

        notice($"KUBERNETES {upstream.Version} CANNOT BE HAD ({server.AddressOf(upstream.Path)}: {answer.Reason}).");
        notice($"KUBERNETES {debian.Version}, BUILT FROM DEBIAN'S SOURCES, IS TAKEN INSTEAD.");
        return debian;
    }
}
