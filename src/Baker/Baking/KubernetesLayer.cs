using System.Text;
using Images.Baker.Boot.Initramfs;
using Images.Baker.Caching;
using Images.Baker.Kubernetes;
using Images.Baker.Layers;
using Images.Baker.Manifest;
using Images.Baker.Merging;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Formats;
using Images.Formats.Tree;
using Images.NodeConfig.Roles;

namespace Images.Baker.Baking;

/// <summary>Kubernetes' programs and their licences as a layer of the image, and what is known of them.</summary>
internal sealed class KubernetesLayer : IDisposable
{
    /// <summary>
    /// Raised whenever the same programs would make other files of the layer: other paths, modes, or a list of modules
    /// written otherwise. Else a kept layer would go into an image that expects the new form.
    /// </summary>
    private const string FormatVersion = "kubernetes-1";

    private const string Name = "Kubernetes";
    private const int ProgramMode = 0b111_101_101;

    private readonly Layer _layer;

    private KubernetesLayer(IKubernetesPrograms programs, Layer layer)
    {
        Facts = FactsOf(programs, layer);
        _layer = layer;
    }

    public KubernetesFacts Facts { get; }

    /// <summary>Whether other programs were made than the lock pins, because those could not be had any more.</summary>
    public bool IsRelocked { get; private init; }

    public TreeLayer Tree => new("kubernetes", _layer.Entries);

    /// <summary>What the version of the image says of them, as <c>+k8s1.20.2-debian</c>.</summary>
    public string VersionSuffix => $"+k8s{Facts.Version}-{Facts.Source}";

    /// <summary>Opens the layer, or has the programs made first.</summary>
    /// <param name="chosen">The programs.</param>
    /// <param name="obtain">
    /// Called where they must be made: sees that what they come from is there, and may give others.
    /// </param>
    /// <param name="caches">Has the layer, or gets it.</param>
    /// <param name="cacheFolder">For what is needed until the layer is made.</param>
    /// <param name="timeUnixSeconds">Of the files.</param>
    /// <exception cref="BakeException">They cannot be had or made.</exception>
    public static async Task<KubernetesLayer> OpenAsync(
        IKubernetesPrograms chosen,
        Func<IKubernetesPrograms, Task<IKubernetesPrograms>> obtain,
        BakeCaches caches,
        string cacheFolder,
        long timeUnixSeconds,
        IBakeProgress progress,
        CancellationToken cancellationToken)
    {
        if (caches.Layers.TryOpen(KeyOf(chosen, timeUnixSeconds), Name) is { } known)
        {
            return new KubernetesLayer(chosen, known);
        }

        IKubernetesPrograms programs = await obtain(chosen).ConfigureAwait(false);
        LayerKey key = KeyOf(programs, timeUnixSeconds);
        Layer layer = caches.Layers.TryOpen(key, Name) ?? await MakeAsync(
            programs, key, caches.Layers, cacheFolder, timeUnixSeconds, progress,
            cancellationToken).ConfigureAwait(false);
        return new KubernetesLayer(programs, layer) { IsRelocked = programs != chosen };
    }

    /// <summary>
    /// Sees that the image holds the dynamic loader and the libraries that a program names; static ones name none.
    /// </summary>
    /// <exception cref="BakeException">One is missing.</exception>
    public void RequireLibraries(FileTree image)
    {
        foreach (TreePath path in KubernetesProgramNames.All.Select(
            name => TreePath.Parse($"{KubernetesProgramNames.Folder}/{name}")))
        {
            using Stream program = ((FileNode)_layer.Entries[path]).Content.OpenRead();
            if (!KubernetesProgramCheck.IsStatic(program, path.ToString()))
            {
                new ProgramCollector(image, modifiedUnixSeconds: 0, "image.yaml: packages").AddProgram(path.Value);
            }
        }
    }

    public void Dispose() => _layer.Dispose();

    private static LayerKey KeyOf(IKubernetesPrograms programs, long timeUnixSeconds) =>
        LayerKey.Of(
            Digest.Sha256(Encoding.UTF8.GetBytes($"{FormatVersion} {programs.Version} at {timeUnixSeconds} in "
                + $"{KubernetesProgramNames.Folder}, {KubernetesProgramNames.Copyright}, "
                + $"{KubernetesProgramNames.Modules}\n{programs.Key}\n")),
            PruneRules.None);

    private static async Task<Layer> MakeAsync(
        IKubernetesPrograms programs, LayerKey key, LayerCache layers, string cacheFolder, long timeUnixSeconds,
        IBakeProgress progress, CancellationToken cancellationToken)
    {
        using WorkFolder work = WorkFolder.Create(cacheFolder);
        KubernetesFiles files = await programs.MakeAsync(work, progress, cancellationToken).ConfigureAwait(false);
        FileTree tree = TreeOf(files, ComponentVersion.TryParseRelease(programs.Version)!.Value, timeUnixSeconds);
        using BakeStage stage = progress.Begin("compress Kubernetes");
        return layers.Add(key, Name, builder => builder.AddTree(tree));
    }

    private static FileTree TreeOf(KubernetesFiles files, ComponentVersion version, long timeUnixSeconds)
    {
        FileTreeBuilder tree = new(timeUnixSeconds);
        List<GoModule> modules = [.. files.Vendored];
        foreach (string name in KubernetesProgramNames.All)
        {
            string path = Path.Combine(files.Folder, name);
            KubernetesProgramCheck.Require(path, version);
            if (GoBuildInfo.TryRead(File.ReadAllBytes(path), path) is { } info)
            {
                modules.Add(GoModule.StandardLibraryOf(info.GoVersion));
                modules.AddRange(GoModules.OfBuildInfo(info.Modules));
            }

            tree.AddFile($"{KubernetesProgramNames.Folder}/{name}", new HostFileContent(path), ProgramMode);
        }

        tree.AddFile(KubernetesProgramNames.Modules, new MemoryContent(GoModules.Write(modules)));
        if (files.Copyright is { } copyright)
        {
            tree.AddFile(KubernetesProgramNames.Copyright, new MemoryContent(copyright));
        }

        return tree.Build();
    }

    private static KubernetesFacts FactsOf(IKubernetesPrograms programs, Layer layer) => new()
    {
        Version = programs.Version,
        Source = KubernetesPlanReader.Name(programs.Source),
        EndOfLife = KubernetesSupport.EndOfLife(ComponentVersion.TryParseRelease(programs.Version)!.Value)
            .ToString("yyyy-MM-dd"),
        Inputs = programs.Inputs,
        Changes = programs.Changes,
        Licences =
            layer.Entries.GetValueOrDefault(TreePath.Parse(KubernetesProgramNames.Copyright)) is FileNode copyright
                ? LicenceNames.OfKubernetes(Read(copyright))
                : [],
        Parts =
        [
            .. GoModules.Read(Read((FileNode)layer.Entries[TreePath.Parse(KubernetesProgramNames.Modules)]))
                .Select(module => module.ToPart()),
            .. programs is KubernetesDebianPrograms debian
                ? debian.Locked.Packages.Select(PackageUrls.ToolOf)
                : [],
        ],
    };

    private static byte[] Read(FileNode file)
    {
        byte[] bytes = new byte[file.Content.Length];
        using Stream stream = file.Content.OpenRead();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
