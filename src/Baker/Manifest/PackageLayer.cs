using Images.Formats.Tree;

namespace Images.Baker.Manifest;

/// <summary>A package and the files it brings, already pruned.</summary>
public sealed record PackageLayer(InstalledPackage Package, IReadOnlyDictionary<TreePath, TreeNode> Entries);
