using System.Collections.Immutable;
using System.Text;
using Images.Baker.Containers.Oci;
using Images.Baker.Layers;
using Images.Baker.Merging;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Tree;
using Images.NodeConfig;
using Images.NodeConfig.Containers;

namespace Images.Baker.Containers;

/// <summary>
/// The carried container images as layers of the root: for each an OCI archive and the document that describes it.
/// A layer is kept by what it is made from, so a bake that finds it reads no blob.
/// </summary>
internal sealed class ContainerLayers : IDisposable
{
    /// <summary>Raised whenever the same container would make other files.</summary>
    private const string FormatVersion = "container-1";
    private const int NameDigits = 12;

    private readonly ImmutableArray<Layer> _layers;

    private ContainerLayers(ImmutableArray<Layer> layers) => _layers = layers;

    public IEnumerable<TreeLayer> Layers => _layers.Select(layer => new TreeLayer(layer.Name, layer.Entries));

    /// <param name="plans">What the image carries.</param>
    /// <param name="pinOf">
    /// Names what a container is made from: the lock's digest, or the package and how it is pruned.
    /// </param>
    /// <param name="open">Gives the container; asked only where the cache has no layer of it.</param>
    /// <param name="layers">The cache.</param>
    /// <param name="timeUnixSeconds">Of the files in the root.</param>
    public static ContainerLayers Open(
        ImmutableArray<ContainerImagePlan> plans, Func<ContainerImagePlan, string> pinOf,
        Func<ContainerImagePlan, ContainerImage> open, LayerCache layers, long timeUnixSeconds)
    {
        ImmutableArray<Layer>.Builder opened = ImmutableArray.CreateBuilder<Layer>();
        try
        {
            foreach (ContainerImagePlan plan in plans)
            {
                LayerKey key = LayerKey.Of(
                    Digest.Sha256(Encoding.UTF8.GetBytes(
                        $"{FormatVersion}\n{timeUnixSeconds}\n{plan.Describe()}\n{pinOf(plan)}\n")),
                    PruneRules.None);
                opened.Add(layers.GetOrAdd(key, $"the container image {plan.Name}", builder => builder.AddTree(
                    Files(open(plan), SourceOf(plan), timeUnixSeconds))));
            }

            return new ContainerLayers(opened.ToImmutable());
        }
        catch
        {
            foreach (Layer layer in opened)
            {
                layer.Dispose();
            }

            throw;
        }
    }

    public void Dispose()
    {
        foreach (Layer layer in _layers)
        {
            layer.Dispose();
        }
    }

    /// <summary>
    /// The archive and its document. The tag is not part of the file's name: two names never make one file.
    /// </summary>
    internal static FileTree Files(ContainerImage image, string source, long timeUnixSeconds)
    {
        string file =
            $"{image.Name.ShortName}-{Digest.Sha256(Encoding.UTF8.GetBytes(image.Name.ToString())).Hex[..NameDigits]}";
        CarriedContainer document = new()
        {
            Names = [image.Name.ToString(), image.Name.At(image.Target.Digest).ToString()],
            Digest = image.Target.Digest.ToString(),
            Archive = $"{file}.tar",
            Source = source,
        };
        FileTreeBuilder tree = new(timeUnixSeconds);
        tree.AddFile($"{NodePaths.Containers}/{document.Archive}", OciLayout.ToArchive(image));
        tree.AddFile($"{NodePaths.Containers}/{file}.json", new MemoryContent(document.ToJson()));
        return tree.Build();
    }

    private static string SourceOf(ContainerImagePlan plan) => plan switch
    {
        PackagedContainerPlan packaged => $"package {packaged.Package}",
        ArchivedContainerPlan archived => $"archive {Path.GetFileName(archived.Archive)}",
        BinaryContainerPlan binary => $"program {Path.GetFileName(binary.Binary)}",
        PulledContainerPlan pulled => pulled.Source.ToString(),
        _ => "",
    };
}
