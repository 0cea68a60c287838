using Images.Baker.Seeds;

namespace Images.Baker.Clusters;

/// <summary>The seed of one node: its role's, and its own name.</summary>
internal static class NodeSeed
{
    /// <summary>Writes the folder anew and returns it.</summary>
    /// <exception cref="BakeException">The cluster's seeds have none for its roles.</exception>
    public static string Write(ClusterPlan plan, PlannedNode node, string folder)
    {
        string source = Path.Combine(plan.Seeds, node.Seed);
        string userData = Path.Combine(source, SeedWriter.UserData);
        if (!File.Exists(userData))
        {
            throw new BakeException(
                "BAKE0947",
                userData,
                $"is missing: there is no seed for {node.Name}.",
                $"Make it with 'baker seed --role {string.Join(',', node.Roles)} --out {plan.Seeds}'.");
        }

        string target = Path.Combine(folder, node.Name);
        PrivateFile.CreateFolder(folder);
        PrivateFile.CreateFolder(target);
        PrivateFile.Write(Path.Combine(target, SeedWriter.UserData), File.ReadAllText(userData));
        PrivateFile.Write(
            Path.Combine(target, "meta-data"),
            $"{File.ReadAllText(Path.Combine(source, "meta-data")).TrimEnd()}\nlocal-hostname: {node.Name}\n");
        return target;
    }
}
