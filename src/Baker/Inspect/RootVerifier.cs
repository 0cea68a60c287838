using Images.Baker.Manifest;
using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.Formats.Verity;

namespace Images.Baker.Inspect;

/// <summary>Reads a root whole: its hash tree, its SquashFS, and every file against the manifest inside.</summary>
internal static class RootVerifier
{
    /// <param name="slot">Seekable; the root begins at its position 0. Left open.</param>
    /// <param name="name">For errors.</param>
    /// <param name="passed">Hears of each check that passed: its name and what was checked.</param>
    /// <exception cref="MalformedDataException">The first thing wrong.</exception>
    public static InspectedManifest Verify(Stream slot, VerityInfo verity, string name, Action<string, string> passed)
    {
        VerityTree.Verify(slot, verity, name);
        passed("dm-verity tree", $"{verity.DataBlocks} blocks up to root hash {verity.RootHash}");

        slot.Position = 0;
        SquashFsImage root = SquashFsReader.Read(slot, name);
        passed("root file system", $"{root.Tree.Count} names");

        InspectedManifest manifest = ImageInspector.ReadManifest(root, name);
        CheckDigests(root.Tree, manifest, name);
        passed("manifest", $"{manifest.Files.Count} files, {manifest.Packages.Count} packages");
        return manifest;
    }

    /// <summary>Reads every file of the root: what is not listed is refused.</summary>
    private static void CheckDigests(FileTree tree, InspectedManifest manifest, string file)
    {
        HashSet<TreePath> listed = [];
        foreach ((TreePath path, Digest expected) in manifest.Files)
        {
            TreePath at = tree.Nodes.GetValueOrDefault(path) is HardLinkNode link ? link.Target : path;
            if (tree.Nodes.GetValueOrDefault(at) is not FileNode content)
            {
                throw new MalformedDataException(file, -1, $"{path} stands in the manifest but not in the root.");
            }

            if (content.Content.Digest != expected)
            {
                throw new MalformedDataException(
                    file, -1, $"{path} does not have the digest that the manifest gives it.");
            }

            listed.Add(at);
        }

        TreePath? unlisted = tree.Nodes
            .Where(pair => pair.Value is FileNode && pair.Key.Value != ImageManifest.Path && !listed.Contains(pair.Key))
            .Select(pair => (TreePath?)pair.Key)
            .FirstOrDefault();
        if (unlisted is not null)
        {
            throw new MalformedDataException(file, -1, $"{unlisted} stands in the root but not in the manifest.");
        }
    }
}
