using Images.Baker.Containers.Oci;
using Images.Baker.Plan;
using Images.Formats.Tree;

namespace Images.Baker.Containers;

/// <summary>Makes a container image of files of a Debian package.</summary>
internal static class PackagedContainer
{
    /// <param name="plan">Which files, and what runs.</param>
    /// <param name="version">Of the package.</param>
    /// <param name="entries">The package's files, pruned as image.yaml says.</param>
    /// <param name="architecture">amd64.</param>
    /// <exception cref="BakeException">
    /// A file is not in the package, or the program could not run with these files.
    /// </exception>
    public static ContainerImage Make(
        PackagedContainerPlan plan, string version, IReadOnlyDictionary<TreePath, TreeNode> entries,
        string architecture)
    {
        FileTree files = Choose(plan, entries);
        return PlainContainer.Make(
            plan.Name, plan.Entrypoint, plan.User, files, $"{plan.Package} {version} of Debian", architecture);
    }

    private static FileTree Choose(PackagedContainerPlan plan, IReadOnlyDictionary<TreePath, TreeNode> entries)
    {
        FileTreeBuilder tree = new(modifiedUnixSeconds: 0);
        foreach (TreePath wanted in plan.Files)
        {
            TreePath[] found = [.. entries.Keys.Where(path => path == wanted || path.IsBelow(wanted))];
            if (found.Length == 0)
            {
                throw new BakeException(
                    "BAKE0612", plan.Name.ToString(),
                    $"The package '{plan.Package}' holds no {wanted}, or it is pruned.",
                    $"Correct 'files' under '{ContainerImagePlanReader.Key}' in image.yaml, "
                        + "or the rules under 'prune'.");
            }

            foreach (TreePath path in found)
            {
                TreeNode node = entries[path] is HardLinkNode link ? entries[link.Target] : entries[path];
                tree.Set(path, node with { ModifiedUnixSeconds = 0 });
            }
        }

        return tree.Build();
    }
}
