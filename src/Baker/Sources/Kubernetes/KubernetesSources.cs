using Images.Baker.Plan;

namespace Images.Baker.Sources.Kubernetes;

/// <summary>Decides which of the pinned sources a bake uses.</summary>
internal sealed class KubernetesSources(UpstreamServer server, SourceBuildInputs inputs, ArtefactFetcher fetcher, DownloadCache cache, string cacheFolder, TimeProvider clock)
{
    /// <param name="request">What is asked for.</param>
    /// <param name="notice">Told where 'auto' takes Debian's.</param>
    /// <param name="cancellationToken">Stops asking the server.</param>
    /// <returns>Null where the image is to hold no Kubernetes.</returns>
    /// <exception cref="BakeException">The source is not described or pinned, or may not be left open.</exception>
    public async Task<IKubernetesPrograms?> ChooseAsync(KubernetesRequest request, Action<string> notice, CancellationToken cancellationToken)
    {
        KubernetesSource asked = request.Source ?? request.Plan.Kubernetes?.Source ?? KubernetesSource.None;
        if (asked == KubernetesSource.None)
        {
            return null;
        }

        LockedKubernetes locked = request.Plan.Kubernetes?.Describes(asked) == true && request.Lock.Kubernetes is { } pinned
            ? pinned
            : throw new BakeException(
                "BAKE0369", request.PlanName, $"The source '{KubernetesPlanReader.Name(asked)}' of Kubernetes is not described.", "Describe it under 'kubernetes' and run 'baker lock'.");
        if (asked == KubernetesSource.Auto && request.InsistOnLock)
        {
            throw new BakeException(
                "BAKE0368", request.PlanName, "Under --locked (implied by CI=true) the source of Kubernetes may not depend on who can be reached, and it is 'auto'.", "Say --kubernetes upstream or --kubernetes debian.");
        }

        bool isUpstream = asked == KubernetesSource.Upstream || (asked == KubernetesSource.Auto && await IsUpstreamThereAsync(locked, notice, cancellationToken));
        return isUpstream ? new KubernetesUpstreamPrograms(locked.Upstream!, server, fetcher, cache)
            : asked == KubernetesSource.Folder ? KubernetesFolderPrograms.Open(locked.Folder!, request.Plan.Kubernetes!.Folder!.Path)
            : new KubernetesDebianPrograms(locked.Debian!, inputs, cacheFolder, clock);
    }

    private async Task<bool> IsUpstreamThereAsync(LockedKubernetes locked, Action<string> notice, CancellationToken cancellationToken)
    {
        LockedUpstream upstream = locked.Upstream!;
        if (cache.SizeOf(upstream.Digest) is not null)
        {
            return true;
        }

        UpstreamAnswer answer = await server.AskAsync(upstream.Path, cancellationToken);
        if (answer.Size is null)
        {
            notice($"KUBERNETES {upstream.Version} CANNOT BE HAD ({server.AddressOf(upstream.Path)}: {answer.Reason}).");
            notice($"KUBERNETES {locked.Debian!.Version} IS BUILT FROM DEBIAN'S SOURCES INSTEAD.");
        }

        return answer.Size is not null;
    }
}
