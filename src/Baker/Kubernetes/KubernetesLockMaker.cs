using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Kubernetes;

/// <summary>Pins every source of Kubernetes that image.yaml describes.</summary>
internal sealed class KubernetesLockMaker(UpstreamServer server, DebianSourceLock debianSource)
{
    /// <exception cref="BakeException">A source cannot be reached or believed.</exception>
    public async Task<LockedKubernetes> MakeAsync(
        ImagePlan plan, LockedKubernetes? previous, string planName, Action<string> notice,
        CancellationToken cancellationToken)
    {
        KubernetesPlan kubernetes = plan.Kubernetes!;
        return new LockedKubernetes
        {
            Upstream = kubernetes.Upstream is { } upstream
                ? await PinAsync(upstream, previous?.Upstream, notice, cancellationToken)
                : null,
            Debian = kubernetes.Debian is null
                ? null
                : await debianSource.MakeAsync(plan, previous?.Debian, planName, notice, cancellationToken),
            Folder = kubernetes.Folder is { } folder ? KubernetesFolderPrograms.Lock(folder) : null,
        };
    }

    /// <summary>
    /// The size only helps the download along, so a server that cannot be reached is no fault
    /// where the digest is known.
    /// </summary>
    private async Task<LockedUpstream> PinAsync(
        KubernetesUpstreamPlan plan, LockedUpstream? previous, Action<string> notice,
        CancellationToken cancellationToken)
    {
        string path = LockedUpstream.PathOf(plan.Version);
        Digest digest = plan.Sha512 ?? await server.ReadDigestAsync(path, cancellationToken);
        long? size = previous?.Digest == digest ? previous.Size : null;
        if (size is null)
        {
            UpstreamAnswer answer = await server.AskAsync(path, UpstreamServer.Patience, cancellationToken);
            size = answer.Size;
            notice(size is null
                ? $"Kubernetes {plan.Version} of upstream, its size unknown: {answer.Reason}"
                : $"Kubernetes {plan.Version} of upstream, {size / 1e6:0.0} MB");
        }

        return new LockedUpstream { Version = plan.Version.ToString(), Path = path, Size = size, Digest = digest };
    }
}
