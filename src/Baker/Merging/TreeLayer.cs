using Images.Formats.Tree;

namespace Images.Baker.Merging;

/// <summary>
/// What one owner brings into the image: a package, the kernel's module indexes, the published bootstrapper.
/// </summary>
/// <param name="Owner">Name for errors and the manifest: the package's name.</param>
/// <param name="Entries">
/// Paths as the owner spells them; <c>bin/…</c> and the like need not be merged into <c>usr/</c> yet.
/// </param>
public sealed record TreeLayer(string Owner, IReadOnlyDictionary<TreePath, TreeNode> Entries);
