using System.Text;
using Images.Baker.Boot.Kmod;
using Images.Baker.Layers;
using Images.Baker.Merging;
using Images.Formats;
using Images.Formats.Tree;
using Images.NodeConfig;

namespace Images.Baker.Baking;

/// <summary>
/// Large files of our own, compressed once and kept as layers: the bootstrapper and the module indexes.
/// </summary>
internal sealed class OwnLayers : IDisposable
{
    private const int ProgramMode = 0b111_101_101;

    private readonly Layer _bootstrapper;
    private readonly Layer _indexes;

    private OwnLayers(Layer bootstrapper, Layer indexes)
    {
        _bootstrapper = bootstrapper;
        _indexes = indexes;
    }

    public FileContent Bootstrapper => ((FileNode)_bootstrapper.Entries[TreePath.Parse(NodePaths.Program)]).Content;

    public TreeLayer ModuleIndexes => new("the kernel's module indexes", _indexes.Entries);

    public static OwnLayers Open(FileContent bootstrapper, Kernel kernel, LayerCache layers, long timeUnixSeconds)
    {
        FileTreeBuilder program = new(timeUnixSeconds);
        program.AddFile(NodePaths.Program, bootstrapper, ProgramMode);
        FileTree bootstrapperTree = program.Build();
        return new OwnLayers(
            layers.GetOrAdd(
                LayerKey.Of(bootstrapperTree, PruneRules.None), "the bootstrapper",
                builder => builder.AddTree(bootstrapperTree)),
            layers.GetOrAdd(
                IndexesKey(kernel, timeUnixSeconds), "the kernel's module indexes",
                builder => builder.AddTree(kernel.MakeIndexes(timeUnixSeconds))));
    }

    public void Dispose()
    {
        _bootstrapper.Dispose();
        _indexes.Dispose();
    }

    /// <summary>By what they are made of, so that a kept layer spares making them.</summary>
    private static LayerKey IndexesKey(Kernel kernel, long timeUnixSeconds) => LayerKey.Of(
        Digest.Sha256(Encoding.UTF8.GetBytes(
            $"module indexes {ModuleIndex.FormatVersion} {kernel.ModuleInputs} {timeUnixSeconds}")),
        PruneRules.None);
}
