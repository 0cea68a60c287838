using System.Collections.Immutable;
using Images.Baker.Caching;
using Images.Baker.Containers.Archives;
using Images.Baker.Containers.Oci;
using Images.Baker.Containers.Registry;
using Images.Baker.Fetching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Containers;

/// <summary>
/// Where carried container images that are not made by the bake come from: registries, and files on disk.
/// </summary>
internal sealed class ContainerSources(RegistryClient registry, ContentCache cache, DownloadOptions options)
{
    /// <summary>Pins what the plan asks for as it is now: tags become digests, archives are hashed.</summary>
    /// <returns>Sorted by name.</returns>
    /// <exception cref="BakeException">A registry or an archive has no such image for this architecture.</exception>
    public async Task<ImmutableArray<LockedContainer>> LockAsync(
        ImagePlan plan, Action<string> notice, CancellationToken cancellationToken)
    {
        List<LockedContainer> locked = [];
        foreach (ContainerImagePlan image in plan.ContainerImages)
        {
            LockedContainer? pinned = image switch
            {
                PulledContainerPlan pulled =>
                    await LockPulledAsync(pulled, plan.Debian.Architecture, cancellationToken),
                ArchivedContainerPlan archived => LockArchived(archived, plan.Debian.Architecture),
                BinaryContainerPlan binary => BinaryContainer.Lock(binary, plan.Debian.Architecture),
                _ => null,
            };
            if (pinned is not null)
            {
                locked.Add(pinned);
                notice($"{pinned.Name} is {pinned.Digest}");
            }
        }

        return [.. locked];
    }

    /// <summary>Brings what is pulled into the cache, and compares files on disk with what is pinned.</summary>
    /// <param name="plan">Names registries and archives.</param>
    /// <param name="pinned">The lock's.</param>
    /// <param name="downloaded">Told the bytes that came, from several threads.</param>
    /// <param name="notice">Told of damaged files in the cache, from several threads.</param>
    /// <param name="cancellationToken">Stops it; what is there stays.</param>
    public async Task FetchAsync(
        ImagePlan plan, ImmutableArray<LockedContainer> pinned, Action<long> downloaded, Action<string> notice,
        CancellationToken cancellationToken)
    {
        foreach (ArchivedContainerPlan archived in plan.ContainerImages.OfType<ArchivedContainerPlan>())
        {
            ContainerArchive.Require(archived, Pinned(archived, pinned).Digest);
        }

        foreach (BinaryContainerPlan binary in plan.ContainerImages.OfType<BinaryContainerPlan>())
        {
            BinaryContainer.Require(binary, Pinned(binary, pinned).Digest);
        }

        foreach (PulledContainerPlan pulled in plan.ContainerImages.OfType<PulledContainerPlan>())
        {
            await FetchAsync(
                pulled, Pinned(pulled, pinned), plan.Debian.Architecture, downloaded, notice, cancellationToken);
        }
    }

    /// <summary>The whole image, from the cache or from its archive.</summary>
    public ContainerImage Open(ContainerImagePlan plan, LockedContainer pinned, string architecture) => plan switch
    {
        PulledContainerPlan pulled => ContainerImageAssembly.Assemble(
            pulled.Name, TargetOf(pinned), architecture,
            blob => new CachedBlob(cache, blob.Digest, blob.Size, $"{pulled.Name} {blob.Digest}")),
        ArchivedContainerPlan archived =>
            ContainerArchive.Open(archived, pinned.Digest).ReadImage(archived.Name, architecture),
        BinaryContainerPlan binary => BinaryContainer.Make(binary, pinned.Digest, architecture),
        _ => throw new ArgumentException($"{plan.Name} is not pinned.", nameof(plan)),
    };

    /// <exception cref="BakeException">The lock does not know it.</exception>
    public static LockedContainer Pinned(ContainerImagePlan plan, ImmutableArray<LockedContainer> pinned) =>
        pinned.FirstOrDefault(container => container.Name == plan.Name.ToString())
            ?? throw new BakeException(
                "BAKE0302", "image.lock.json", $"It does not pin the container image '{plan.Name}'.",
                "Run 'baker lock' and commit the result.");

    private async Task<LockedContainer> LockPulledAsync(
        PulledContainerPlan plan, string architecture, CancellationToken cancellationToken)
    {
        byte[] bytes = await registry.GetManifestAsync(
            plan.Source, plan.Source.Digest?.ToString() ?? plan.Source.Tag!, cancellationToken);
        Digest digest = Digest.Sha256(bytes);
        if (plan.Source.Digest is { } wanted && wanted != digest)
        {
            throw OtherContent(plan.Source, wanted, digest);
        }

        if (OciDocumentReader.Read(bytes, plan.Source.ToString()) is OciIndex index)
        {
            index.For(architecture, plan.Source.ToString());
        }

        return new LockedContainer { Name = plan.Name.ToString(), Digest = digest, Size = bytes.Length };
    }

    private static LockedContainer LockArchived(ArchivedContainerPlan plan, string architecture)
    {
        ContainerArchive archive = ContainerArchive.Open(plan, pinned: null);
        archive.ReadImage(plan.Name, architecture);
        return new LockedContainer { Name = plan.Name.ToString(), Digest = archive.Digest, Size = archive.SizeBytes };
    }

    private async Task FetchAsync(
        PulledContainerPlan plan, LockedContainer pinned, string architecture, Action<long> downloaded,
        Action<string> notice, CancellationToken cancellationToken)
    {
        OciDocument document = await FetchDocumentAsync(plan, TargetOf(pinned), notice, cancellationToken);
        OciManifest manifest = document switch
        {
            OciIndex index => await FetchDocumentAsync(
                plan, index.For(architecture, plan.Name.ToString()), notice, cancellationToken) as OciManifest
                ?? throw new MalformedDataException(plan.Name.ToString(), -1, "an index leads to another index"),
            _ => (OciManifest)document,
        };
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = options.Parallel,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            manifest.Layers.Append(manifest.Config).DistinctBy(blob => blob.Digest), parallel,
            async (blob, token) =>
            {
                long seen = 0;
                await KeepAsync(
                    plan,
                    blob,
                    file => registry.DownloadBlobAsync(
                        plan.Source, blob, file,
                        position => downloaded(position - Interlocked.Exchange(ref seen, position)), token),
                    notice,
                    token);
            });
    }

    private async Task<OciDocument> FetchDocumentAsync(
        PulledContainerPlan plan, OciDescriptor descriptor, Action<string> notice, CancellationToken cancellationToken)
    {
        if (descriptor.Size > OciDocumentReader.MaximumSize)
        {
            throw new MalformedDataException(
                $"{plan.Name} {descriptor.Digest}", -1,
                $"it has {descriptor.Size} bytes; at most {OciDocumentReader.MaximumSize} are read");
        }

        await KeepAsync(
            plan,
            descriptor,
            async file =>
            {
                byte[] bytes = await registry.GetManifestAsync(
                    plan.Source, descriptor.Digest.ToString(), cancellationToken);
                file.Restart(null);
                await file.Stream.WriteAsync(bytes, cancellationToken);
            },
            notice,
            cancellationToken);
        using Stream stream =
            new CachedBlob(cache, descriptor.Digest, descriptor.Size, $"{plan.Name} {descriptor.Digest}").OpenRead();
        byte[] document = new byte[descriptor.Size];
        stream.ReadExactly(document);
        return OciDocumentReader.Read(document, $"{plan.Name} {descriptor.Digest}");
    }

    /// <summary>Puts content into the cache, once its bytes have the digest.</summary>
    private async Task KeepAsync(
        PulledContainerPlan plan, OciDescriptor content, Func<PartialFile, Task> deliver, Action<string> notice,
        CancellationToken cancellationToken)
    {
        _ = cache.Holds(content.Digest, content.Size); // marks it as used
        await cache.AddAsync(
            content.Digest,
            content.Size,
            $"{plan.Name} {content.Digest}",
            file => file.CompleteAsync(
                content.Digest,
                async () =>
                {
                    await deliver(file);
                    return true;
                },
                actual => OtherContent(plan.Source, content.Digest, actual)),
            notice,
            cancellationToken);
    }

    private static OciDescriptor TargetOf(LockedContainer pinned) =>
        new() { MediaType = "", Digest = pinned.Digest, Size = pinned.Size };

    private static BakeException OtherContent(ContainerReference source, Digest expected, Digest actual) => new(
        "BAKE0624", source.ToString(),
        $"The registry sent other bytes than were asked for: expected {expected}, it sent {actual}.",
        "Do not trust this registry; tell who runs it.", BakeFault.Source);
}
