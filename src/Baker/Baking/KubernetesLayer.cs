using System.Text;
using Images.Baker.Boot.Initramfs;
using Images.Baker.Layers;
using Images.Baker.Manifest;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Baker.Sources.Kubernetes;
using Images.Baker.Tree;

namespace Images.Baker.Baking;

/// <summary>Kubernetes' programs as a layer of the image, and what is known of them.</summary>
internal sealed class KubernetesLayer : IDisposable
{
    private const string Name = "Kubernetes";
    private const int ProgramMode = 0b111_101_101;

    private readonly Layer _layer;

    private KubernetesLayer(KubernetesFacts facts, Layer layer)
    {
        Facts = facts;
        _layer = layer;
    }

    public KubernetesFacts Facts { get; }

    public TreeLayer Tree => new("kubernetes", _layer.Entries);

    /// <summary>What the version of the image says of them, as <c>+k8s1.20.2-debian</c>.</summary>
    public static string VersionSuffix(IKubernetesPrograms programs) => $"+k8s{programs.Version}-{KubernetesPlanReader.Name(programs.Source)}";

    /// <summary>Opens the layer, or has the programs made first.</summary>
    /// <exception cref="BakeException">They cannot be had or made.</exception>
    public static async Task<KubernetesLayer> OpenAsync(
        IKubernetesPrograms programs, BakeCaches caches, string cacheFolder, long timeUnixSeconds, IBakeProgress progress, CancellationToken cancellationToken)
    {
        LayerKey key = LayerKey.Of(Digest.Sha256(Encoding.UTF8.GetBytes($"kubernetes {programs.Version} at {timeUnixSeconds} in {KubernetesProgramNames.Folder}\n{programs.Key}\n")), PruneRules.None);
        Layer layer = caches.Layers.TryOpen(key, Name) ?? await MakeAsync(programs, key, caches.Layers, cacheFolder, timeUnixSeconds, progress, cancellationToken).ConfigureAwait(false);
        return new KubernetesLayer(FactsOf(programs), layer);
    }

    /// <summary>Sees that the image holds the dynamic loader and the libraries that a program names; static ones name none.</summary>
    /// <exception cref="BakeException">One is missing.</exception>
    public void RequireLibraries(FileTree image)
    {
        foreach ((TreePath path, TreeNode node) in _layer.Entries.Where(entry => entry.Value is FileNode))
        {
            using Stream program = ((FileNode)node).Content.OpenRead();
            if (!KubernetesProgramCheck.IsStatic(program, path.ToString()))
            {
                new ProgramCollector(image, modifiedUnixSeconds: 0, "image.yaml: packages").AddProgram(path.Value);
            }
        }
    }

    public void Dispose() => _layer.Dispose();

    private static async Task<Layer> MakeAsync(
        IKubernetesPrograms programs, LayerKey key, LayerCache layers, string cacheFolder, long timeUnixSeconds, IBakeProgress progress, CancellationToken cancellationToken)
    {
        using WorkFolder work = WorkFolder.Create(cacheFolder);
        string folder = await programs.MakeAsync(work, progress, cancellationToken).ConfigureAwait(false);
        FileTree tree = TreeOf(folder, KubernetesVersion.TryParse(programs.Version)!.Value, timeUnixSeconds);
        using BakeStage stage = progress.Begin("compress Kubernetes");
        return layers.Add(key, Name, builder => builder.AddTree(tree));
    }

    private static FileTree TreeOf(string folder, KubernetesVersion version, long timeUnixSeconds)
    {
        FileTreeBuilder tree = new(timeUnixSeconds);
        foreach (string name in KubernetesProgramNames.All)
        {
            string path = Path.Combine(folder, name);
            KubernetesProgramCheck.Require(path, version);
            tree.AddFile($"{KubernetesProgramNames.Folder}/{name}", new HostFileContent(path), ProgramMode);
        }

        return tree.Build();
    }

    private static KubernetesFacts FactsOf(IKubernetesPrograms programs) => new()
    {
        Version = programs.Version,
        Source = KubernetesPlanReader.Name(programs.Source),
        EndOfLife = KubernetesSupport.EndOfLife(KubernetesVersion.TryParse(programs.Version)!.Value).ToString("yyyy-MM-dd"),
        Inputs = programs.Inputs,
    };
}
