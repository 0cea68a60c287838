using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>A directory that the image has whether or not a package brings it. Owned by root.</summary>
public sealed record DeclaredDirectory(TreePath Path, int Mode);
