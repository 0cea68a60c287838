using Images.Baker.Boot.Elf;
using Images.Baker.Containers.Oci;
using Images.Baker.Packages;
using Images.Baker.Plan;
using Images.Baker.Tree;

namespace Images.Baker.Containers;

/// <summary>Makes a container image of files of a Debian package: one plain layer, nothing compressed, nothing dated.</summary>
internal static class PackagedContainer
{
    /// <param name="plan">Which files, and what runs.</param>
    /// <param name="version">Of the package.</param>
    /// <param name="entries">The package's files, pruned as image.yaml says.</param>
    /// <param name="architecture">amd64.</param>
    /// <exception cref="BakeException">A file is not in the package, or the program could not run with these files.</exception>
    public static ContainerImage Make(PackagedContainerPlan plan, string version, IReadOnlyDictionary<TreePath, TreeNode> entries, string architecture)
    {
        FileTree files = Choose(plan, entries);
        RequireProgram(plan, files);
        FileContent layer = TarArchive.Of(files);
        byte[] config = OciImageWriter.Config(architecture, plan.Entrypoint, plan.User, layer.Digest, $"{plan.Package} {version} of Debian");
        OciDescriptor configDescriptor = new() { MediaType = OciMediaTypes.Config, Digest = Digest.Sha256(config), Size = config.Length };
        byte[] manifest = OciImageWriter.Manifest(configDescriptor, [new OciDescriptor { MediaType = OciMediaTypes.PlainLayer, Digest = layer.Digest, Size = layer.Length }]);
        OciDescriptor target = new() { MediaType = OciMediaTypes.Manifest, Digest = Digest.Sha256(manifest), Size = manifest.Length };
        return new ContainerImage
        {
            Name = plan.Name,
            Target = target,
            Blobs = new Dictionary<Digest, FileContent> { [target.Digest] = new MemoryContent(manifest), [configDescriptor.Digest] = new MemoryContent(config), [layer.Digest] = layer },
        };
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
                    "BAKE0612", plan.Name.ToString(), $"The package '{plan.Package}' holds no {wanted}, or it is pruned.", $"Correct 'files' under '{ContainerImagePlanReader.Key}' in image.yaml, or the rules under 'prune'.");
            }

            foreach (TreePath path in found)
            {
                TreeNode node = entries[path] is HardLinkNode link ? entries[link.Target] : entries[path];
                tree.Set(path, node with { ModifiedUnixSeconds = 0 });
            }
        }

        return tree.Build();
    }

    /// <summary>What cannot start in the container is refused here: on the node it would only say "no such file".</summary>
    private static void RequireProgram(PackagedContainerPlan plan, FileTree files)
    {
        string path = plan.Entrypoint[0];
        if (files.Find(path) is not FileNode program || (program.Mode & 0b001_001_001) == 0)
        {
            throw new BakeException("BAKE0612", plan.Name.ToString(), $"Its program {path} is no executable file among its files.", "Name the program's own path, not that of a link, in 'files' and 'entrypoint'.");
        }

        byte[] bytes = files.ReadFile(path);
        string? interpreter = ElfFile.IsElf(bytes) ? ElfFile.Parse(bytes, path).ReadInterpreter() : null;
        if (interpreter is not null && files.Find(interpreter) is null)
        {
            throw new BakeException("BAKE0612", plan.Name.ToString(), $"Its program {path} is linked dynamically and needs {interpreter}, which is not among its files.", "Take a static program, or an image from an archive or a registry.");
        }
    }
}
