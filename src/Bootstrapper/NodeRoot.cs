using Images.NodeConfig;

namespace Images.Bootstrapper;

/// <summary>The folder that stands for <c>/</c>: the machine's own root, or a folder that tests made.</summary>
internal sealed class NodeRoot(string folder)
{
    public static NodeRoot Machine { get; } = new("/");

    /// <summary>Whether this is the real root, so that what belongs to the kernel may be changed.</summary>
    public bool IsMachine => folder == "/";

    /// <summary>Whether the node is a container: then kernel, firmware, disks and clock are its host's.</summary>
    public bool IsContainer => File.Exists(this[NodePaths.InContainer]);

    /// <summary>Where an absolute path of the node lies on this host.</summary>
    public string this[string absolutePath] => folder == "/" ? absolutePath : Path.Join(folder, absolutePath);
}
