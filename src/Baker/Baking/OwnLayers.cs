using Images.Baker.Layers;
using Images.Baker.Tree;
using Images.NodeConfig;

namespace Images.Baker.Baking;

/// <summary>Large files of our own, compressed once and kept as layers: the bootstrapper and the module indexes.</summary>
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
        return new OwnLayers(Open(program.Build(), "the bootstrapper", layers), Open(kernel.Indexes, "the kernel's module indexes", layers));
    }

    public void Dispose()
    {
        _bootstrapper.Dispose();
        _indexes.Dispose();
    }

    private static Layer Open(FileTree tree, string name, LayerCache layers) =>
        layers.GetOrAdd(LayerKey.Of(tree, PruneRules.None), name, builder => builder.AddTree(tree));
}
