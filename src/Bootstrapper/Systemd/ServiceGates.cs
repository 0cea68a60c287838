using Images.NodeConfig;

namespace Images.Bootstrapper.Systemd;

/// <summary>
/// Files that open the conditions of role units: all units are in every image, and <c>ConditionPathExists=</c> lets
/// those of this machine's roles start.
/// </summary>
internal static class ServiceGates
{
    public static void Open(NodeRoot root, IEnumerable<string> units)
    {
        Directory.CreateDirectory(root[NodePaths.Gates]);
        foreach (string unit in units)
        {
            File.WriteAllBytes(root[$"{NodePaths.Gates}/{unit}"], []);
        }
    }

    public static void CloseAll(NodeRoot root)
    {
        if (Directory.Exists(root[NodePaths.Gates]))
        {
            Directory.Delete(root[NodePaths.Gates], recursive: true);
        }
    }
}
