using System.Collections.Immutable;
using Images.Baker.AddOns;
using Images.Baker.Boot;
using Images.Baker.Boot.Initramfs;
using Images.Baker.Composing;
using Images.Baker.Containers;
using Images.Baker.Fetching;
using Images.Baker.Inspect;
using Images.Baker.Kubernetes;
using Images.Baker.Layers;
using Images.Baker.Locking;
using Images.Baker.Manifest;
using Images.Baker.Merging;
using Images.Baker.Outputs;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Baker.Restoring;
using Images.Baker.Seeds;
using Images.Baker.Signing;
using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.Fat32;
using Images.Formats.Gpt;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.Formats.Verity;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Baking;

/// <summary>The recipe: from image.yaml and its lock to a disk that boots.</summary>
internal sealed class ImageBaker(Restorer restorer, IBakeProgress progress)
{
    /// <exception cref="BakeException">Input, source or output is at fault; nothing half-written is left.</exception>
    public async Task<BakeResult> BakeAsync(BakeRequest request, CancellationToken cancellationToken)
    {
        BakeInputs inputs = await BakeInputs.ReadAsync(request, progress.Notice, cancellationToken)
            .ConfigureAwait(false);
        ImagePlan plan = inputs.Plan;
        UpgradeSigningKey? signer = plan.Signing.Upgrades is { } key ? UpgradeSigningKey.Read(key) : null;
        OlderImage? older = request.From is { } olderPath ? OlderImageReader.Read(olderPath) : null;
        RestoredSources sources = await RestoreAsync(inputs, request, cancellationToken).ConfigureAwait(false);
        AddOnContainerCheck.Require(inputs.AddOns, plan.ContainerImages, sources.Lock.Containers, progress.Notice);
        await FetchContainersAsync(plan, sources.Lock, cancellationToken).ConfigureAwait(false);
        long sourceDate = SourceDate.Choose(sources.Lock, request.SourceDateEpoch);
        BakeCaches caches = BakeCaches.In(restorer.DerivedFolder, restorer.Clock, progress.Notice);
        using KubernetesLayer? kubernetes = await MakeKubernetesAsync(
            inputs, sources.Lock, request, caches, sourceDate, cancellationToken).ConfigureAwait(false);
        ClusterKubernetes? held = kubernetes is null ? null : new ClusterKubernetes
        {
            Source = kubernetes.Facts.Source,
            Version = kubernetes.Facts.Version,
        };
        inputs.Cluster?.RequireStepTo(held?.Version, request.ForCluster!);
        ImmutableArray<AddOnFile> addOns = WithoutAddOnsUnless(kubernetes is not null, inputs.AddOns);
        string version = VersionOf(plan, kubernetes, sources);
        string path = Path.Combine(request.OutputFolder, $"{plan.Name}_{version}.raw");
        using DiskWriter disk = DiskWriter.Create(path, inputs.Layout);

        using UnpackedPackages packages =
            await UnpackAsync(sources, plan, caches, cancellationToken).ConfigureAwait(false);
        Kernel kernel = FindKernel(packages, caches, sourceDate);
        Task<byte[]> packing = Task.Run(
            () => MakeInitramfs(packages, kernel, inputs.Own.Init, plan, caches, sourceDate), cancellationToken);
        using OwnLayers own = OwnLayers.Open(inputs.Own.Bootstrapper, kernel, caches.Layers, sourceDate);
        using ContainerLayers containers = CarryContainers(plan, sources.Lock, packages, caches, sourceDate);
        ImageFacts facts = FactsOf(
            plan.Name, version, sourceDate, kernel, kubernetes, addOns, sources.Lock, request);
        ComposedImage image = Compose(packages, own, containers, kubernetes, addOns, inputs, facts);
        byte[] initramfs = await WaitForInitramfsAsync(packing).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        VerityInfo verity = WriteRoot(disk, image.Tree, sourceDate);
        BootFiles boot = BootFiles.Make(packages, kernel, initramfs, image.Tree, verity, plan, facts);
        Digest espContent = WriteEsp(disk, EspTree.Make(boot.Loader, boot.Uki, facts), inputs.Layout, sourceDate);
        using OutputFile manifest = OutputFile.Write(Path.ChangeExtension(path, "manifest.json"), image.Manifest);
        using OutputFile sbom = OutputFile.Write(Path.ChangeExtension(path, "spdx.json"), image.Sbom);
        UpgradeManifest draft = UpgradeFacts.Of(facts, plan, sources.Lock, verity);
        using OutputFile? upgrade = plan.Outputs.Contains(ImagePlan.UpgradeOutput)
            ? WriteUpgrade(Path.ChangeExtension(path, "upgrade"), disk, boot.Uki, draft, sourceDate, signer)
            : null;
        using OutputFile? delta = older is null
            ? null
            : WriteDelta(path, disk, older, boot.Uki, draft, sourceDate, signer);
        OutputName raw = new(disk.Seal(ContentGuid.From([Digest.Parse(verity.RootHash), espContent])), path);
        OutputSet.Publish(
            [.. new[] { manifest, sbom, upgrade, delta }.OfType<OutputFile>().Select(file => file.HandOver()), raw]);
        if (request.ForCluster is { } cluster && inputs.Cluster is null)
        {
            held?.Write(cluster);
        }

        return new BakeResult
        {
            Image = path,
            Manifest = manifest.FullName,
            Sbom = sbom.FullName,
            Upgrade = upgrade?.FullName,
            Delta = delta?.FullName,
            Version = version,
            DiskBytes = inputs.Layout.SizeBytes,
            RootBytes = verity.TotalBytes,
            RootSlotBytes = inputs.Layout[NodeDisk.RootA].SizeBytes,
            Verity = verity,
            Packages = packages.For(PackageUse.Root).Count(),
        };
    }

    private async Task<RestoredSources> RestoreAsync(
        BakeInputs inputs, BakeRequest request, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("fetch packages");
        return await restorer.RestoreAsync(
            inputs.ToRestoreRequest(request), new StageFetchProgress(stage), progress.Notice,
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<KubernetesLayer?> MakeKubernetesAsync(
        BakeInputs inputs, ImageLock imageLock, BakeRequest request, BakeCaches caches, long sourceDate,
        CancellationToken cancellationToken)
    {
        RestoreRequest wanted = inputs.ToRestoreRequest(request) with { Lock = imageLock };
        IKubernetesPrograms? programs = await restorer.Kubernetes.ChooseAsync(
            wanted, progress.Notice, cancellationToken).ConfigureAwait(false);
        RoleContainerCheck.Require(
            inputs.Roles.Roles.Where(role => programs is not null || role.Definition.Components.Count == 0),
            inputs.Plan.ContainerImages);
        return programs is null ? null : await KubernetesLayer.OpenAsync(
            programs,
            chosen => restorer.Kubernetes.ObtainAsync(chosen, wanted, progress, cancellationToken),
            caches,
            restorer.DerivedFolder,
            sourceDate,
            progress,
            cancellationToken).ConfigureAwait(false);
    }

    private ImmutableArray<AddOnFile> WithoutAddOnsUnless(bool hasKubernetes, ImmutableArray<AddOnFile> addOns)
    {
        if (hasKubernetes || addOns.IsEmpty)
        {
            return addOns;
        }

        progress.Notice("the add-ons are left out: this image holds no kubernetes");
        return [];
    }

    /// <summary>Another Kubernetes makes another image, so it stands in the version: 0.1.0+k8s1.20.2-debian.</summary>
    private static string VersionOf(ImagePlan plan, KubernetesLayer? kubernetes, RestoredSources sources) =>
        plan.Version + kubernetes?.VersionSuffix
            + (sources.IsRelocked || kubernetes?.IsRelocked == true ? "+relocked" : "");

    private async Task<UnpackedPackages> UnpackAsync(
        RestoredSources sources, ImagePlan plan, BakeCaches caches, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin(
            "unpack and compress", sources.Lock.Packages.Sum(package => package.Size));
        return await UnpackedPackages.OpenAsync(
            sources, plan, caches, stage, progress.Notice, cancellationToken).ConfigureAwait(false);
    }

    private async Task FetchContainersAsync(ImagePlan plan, ImageLock pinned, CancellationToken cancellationToken)
    {
        if (plan.ContainerImages.Any(image => image is not PackagedContainerPlan))
        {
            using BakeStage stage = progress.Begin("fetch container images");
            await restorer.Containers.FetchAsync(
                plan, pinned.Containers, stage.Add, progress.Notice, cancellationToken).ConfigureAwait(false);
        }
    }

    private ContainerLayers CarryContainers(
        ImagePlan plan, ImageLock pinned, UnpackedPackages packages, BakeCaches caches, long sourceDate)
    {
        return ContainerLayers.Open(
            plan.ContainerImages,
            image => image is PackagedContainerPlan packaged
                ? LayerKey.Of(
                    PackageOf(packaged).Locked.Digest, PackageRules.Of(PackageOf(packaged).Locked, plan.Prune)).Hex
                : ContainerSources.Pinned(image, pinned.Containers).Digest.ToString(),
            image => image is PackagedContainerPlan packaged
                ? PackagedContainer.Make(
                    packaged, PackageOf(packaged).Locked.Version, PackageOf(packaged).Layer.Entries,
                    plan.Debian.Architecture)
                : restorer.Containers.Open(
                    image, ContainerSources.Pinned(image, pinned.Containers), plan.Debian.Architecture),
            caches.Layers,
            sourceDate);

        UnpackedPackage PackageOf(PackagedContainerPlan packaged) =>
            packages.For(PackageUse.Root).Single(package => package.Locked.Name == packaged.Package);
    }

    private Kernel FindKernel(UnpackedPackages packages, BakeCaches caches, long sourceDate)
    {
        using BakeStage stage = progress.Begin("index kernel modules");
        return Kernel.Find(packages, caches.Derived, sourceDate);
    }

    private ComposedImage Compose(
        UnpackedPackages packages, OwnLayers own, ContainerLayers containers, KubernetesLayer? kubernetes,
        ImmutableArray<AddOnFile> addOns, BakeInputs inputs, ImageFacts facts)
    {
        using BakeStage stage = progress.Begin("compose the tree");
        ImageContent content = new()
        {
            Image = facts,
            Packages = [.. packages
                .For(PackageUse.Root)
                .Select(package => new PackageLayer(package.Installed, package.Layer.Entries))],
            Roles = inputs.Roles,
            Beside = [.. ((PackageUse[])[PackageUse.Initramfs, PackageUse.Boot])
                .SelectMany(packages.For)
                .Select(package => package.Installed)],
            Bootstrapper = own.Bootstrapper,
            Components = ComponentsOf(kubernetes),
            Extra =
            [
                own.ModuleIndexes, .. containers.Layers, AddOnLayer.Of(addOns, facts.SourceDateUnixSeconds),
                TrustLayer.Of(inputs.Plan.Trust, facts.SourceDateUnixSeconds),
                .. kubernetes is null ? [] : (TreeLayer[])[kubernetes.Tree],
            ],
        };
        SayWhatIsLeftOut(content);
        ComposedImage image = ImageTree.Compose(content);
        kubernetes?.RequireLibraries(image.Tree);
        return image;
    }

    private static Dictionary<string, ComponentVersion> ComponentsOf(KubernetesLayer? kubernetes) => kubernetes is null
        ? new(StringComparer.Ordinal)
        : new(StringComparer.Ordinal) { ["kubernetes"] = ComponentVersion.TryParse(kubernetes.Facts.Version)!.Value };

    private void SayWhatIsLeftOut(ImageContent content)
    {
        foreach (LeftOutRole role in content.Roles.LeftOutWith(content.Components))
        {
            progress.Notice(
                $"the role {role.Role} is left out: this image holds no {string.Join(" and no ", role.Components)}");
        }
    }

    /// <summary>Made while the tree is composed: the two want nothing of each other.</summary>
    private static byte[] MakeInitramfs(
        UnpackedPackages packages, Kernel kernel, FileContent init, ImagePlan plan, BakeCaches caches,
        long sourceDate) =>
        InitramfsBuilder.BuildBase(
            new InitramfsContent
            {
                Init = init,
                Tools = packages.TreeOf(PackageUse.Initramfs, sourceDate),
                Kernel = kernel.Packages,
                Modules = () => kernel.Modules,
                ModuleInputs = kernel.ModuleInputs,
                ModuleNames = plan.Initramfs.Modules,
            },
            caches.Derived);

    private async Task<byte[]> WaitForInitramfsAsync(Task<byte[]> packing)
    {
        using BakeStage stage = progress.Begin("pack the initramfs");
        return await packing.ConfigureAwait(false);
    }

    private VerityInfo WriteRoot(DiskWriter disk, FileTree tree, long sourceDate) => disk.Write(NodeDisk.RootA, slot =>
    {
        using VerityDataStream data = new(slot);
        SquashFsWriteResult root;
        using (BakeStage stage = progress.Begin("write the root"))
        {
            root = SquashFsWriter.Write(tree, new SquashFsOptions { TimeUnixSeconds = sourceDate }, data);
            stage.Add(root.BytesUsed);
        }

        using (progress.Begin("seal it with dm-verity"))
        {
            return VerityTree.Append(slot, root.PaddedLength, data.TakeHashes(root.PaddedLength));
        }
    });

    private Digest WriteEsp(DiskWriter disk, FileTree esp, GptLayout layout, long sourceDate)
    {
        using BakeStage stage = progress.Begin("write the ESP");
        Fat32Options options = new()
        {
            SizeBytes = layout[NodeDisk.Esp].SizeBytes,
            TimeUnixSeconds = sourceDate,
            HiddenSectors = (uint)(layout[NodeDisk.Esp].OffsetBytes / GptLayout.LogicalBlockSize),
        };
        return disk.Write(NodeDisk.Esp, volume => Fat32Writer.Write(esp, options, volume));
    }

    private OutputFile WriteUpgrade(
        string path, DiskWriter disk, byte[] uki, UpgradeManifest draft, long sourceDate, UpgradeSigningKey? signer)
    {
        using BakeStage stage = progress.Begin("write the upgrade");
        return disk.Read(NodeDisk.RootA, root => OutputFile.Write(
            path, output => UpgradeWriter.Write(draft, uki, root, sourceDate, output, signer)));
    }

    /// <summary>Named for the root that it starts from: a version may have been baked more than once.</summary>
    private OutputFile WriteDelta(
        string path, DiskWriter disk, OlderImage older, byte[] uki, UpgradeManifest draft, long sourceDate,
        UpgradeSigningKey? signer)
    {
        using BakeStage stage = progress.Begin("write the delta");
        byte[] root = disk.Read(NodeDisk.RootA, slot =>
        {
            byte[] bytes = new byte[draft.RootBytes];
            slot.ReadExactly(bytes);
            return bytes;
        });
        return OutputFile.Write(
            Path.ChangeExtension(path, $"from-{older.RootHash[..12]}.upgrade"),
            output => UpgradeWriter.WriteDelta(draft, older, uki, root, sourceDate, output, signer));
    }

    private static ImageFacts FactsOf(
        string name, string version, long sourceDate, Kernel kernel, KubernetesLayer? kubernetes,
        ImmutableArray<AddOnFile> addOns, ImageLock imageLock, BakeRequest request) =>
        new()
        {
            Name = name,
            Version = version,
            SourceDateUnixSeconds = sourceDate,
            KernelRelease = kernel.Release,
            CompressorIdentity = CompressorIdentity.Current,
            Tools = request.Tools,
            BootstrapperParts = BootstrapperParts.Of(request.NuGetLock, request.Tools, imageLock),
            Kubernetes = kubernetes?.Facts,
            AddOns = AddOnLayer.FactsOf(addOns),
            Suites = imageLock.Releases.ToDictionary(release => release.Suite, release => release.InRelease),
        };
}
