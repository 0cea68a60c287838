using Images.Baker.Caching;
using Images.Baker.Fetching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Formats;

namespace Images.Baker.Kubernetes;

/// <summary>Upstream's own programs, out of the archive that it publishes.</summary>
internal sealed class KubernetesUpstreamPrograms(
    LockedUpstream locked, UpstreamServer server, ArtefactFetcher fetcher, ContentCache cache) : IKubernetesPrograms
{
    public KubernetesSource Source => KubernetesSource.Upstream;

    public string Version => locked.Version;

    public string Key => locked.Digest.ToString();

    public IReadOnlyDictionary<string, Digest> Inputs =>
        new Dictionary<string, Digest>(StringComparer.Ordinal) { [FileName] = locked.Digest };

    public IReadOnlyList<string> Changes => [];

    private string FileName => locked.Path[(locked.Path.LastIndexOf('/') + 1)..];

    public async Task<KubernetesFiles> MakeAsync(
        WorkFolder work, IBakeProgress progress, CancellationToken cancellationToken)
    {
        Artefact wanted = new()
        {
            Name = FileName,
            Digest = locked.Digest,
            Size = locked.Size ?? cache.SizeOf(locked.Digest) ?? await AskSizeAsync(cancellationToken),
            Sources = [(server.Mirror, locked.Path)],
        };
        await FetchAsync(wanted, progress, cancellationToken);
        using BakeStage stage = progress.Begin("unpack Kubernetes", wanted.Size);
        using FileStream archive = await fetcher.OpenAsync(wanted, progress.Notice, cancellationToken);
        byte[]? licences = UpstreamArchive.Unpack(archive, FileName, work.FullPath, cancellationToken);
        stage.Add(wanted.Size);
        return new KubernetesFiles { Folder = work.FullPath, Copyright = licences };
    }

    private async Task FetchAsync(Artefact wanted, IBakeProgress progress, CancellationToken cancellationToken)
    {
        if (cache.Holds(wanted.Digest, wanted.Size))
        {
            return;
        }

        using BakeStage stage = progress.Begin("fetch Kubernetes", wanted.Size);
        long before = 0;
        void Report(long position)
        {
            stage.Add(position - before);
            before = position;
        }

        if (!await fetcher.FetchAsync(wanted, Report, progress.Notice, cancellationToken))
        {
            throw new BakeException(
                "BAKE0361", server.AddressOf(locked.Path).ToString(), "The server has no such file.",
                "Correct 'version' in image.yaml, or use another server (--kubernetes-mirror).", BakeFault.Source);
        }
    }

    private async Task<long> AskSizeAsync(CancellationToken cancellationToken)
    {
        UpstreamAnswer answer = await server.AskAsync(locked.Path, UpstreamServer.Patience, cancellationToken);
        return answer.Size ?? throw new BakeException(
            "BAKE0362",
            server.AddressOf(locked.Path).ToString(),
            $"Kubernetes cannot be had: {answer.Reason}.",
            "Check the network, name another server with --kubernetes-mirror, "
                + "or build from Debian's sources with --kubernetes debian.",
            BakeFault.Source);
    }
}
