using System.Text;
using Images.Baker.Merging;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Tree;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Signing;

/// <summary>What stands in the image about who may make upgrades for it.</summary>
internal static class TrustLayer
{
    /// <summary>Empty where the plan names no keys.</summary>
    /// <exception cref="BakeException">A list cannot be read, or is none.</exception>
    public static TreeLayer Of(TrustPlan plan, long timeUnixSeconds)
    {
        FileTreeBuilder tree = new(timeUnixSeconds);
        if (!plan.UpgradeKeys.IsEmpty)
        {
            Add(NodePaths.UpgradeKeys, string.Concat(plan.UpgradeKeys.Select(ReadKeys)));
        }

        if (plan.Minimum is { } minimum)
        {
            Add(NodePaths.UpgradeMinimum, minimum + "\n");
        }

        return new TreeLayer("trust", tree.Build().Nodes);

        void Add(string path, string text) =>
            tree.AddFile(path.TrimStart('/'), new MemoryContent(Encoding.UTF8.GetBytes(text)));
    }

    private static string ReadKeys(string path)
    {
        try
        {
            string text = File.ReadAllText(path);
            UpgradeKeys.Parse(text, path);
            return text.TrimEnd('\n') + "\n";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or MalformedDataException)
        {
            throw new BakeException(
                "BAKE0663", path, $"cannot be taken as a list of keys: {e.Message}",
                "Name the .pub file that 'baker keys --upgrade' wrote.", BakeFault.Input, e);
        }
    }
}
