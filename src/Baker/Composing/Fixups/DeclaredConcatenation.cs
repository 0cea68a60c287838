using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>A file made of all files of a folder whose names end in <paramref name="Suffix"/>, in the order of their names.</summary>
public sealed record DeclaredConcatenation(TreePath Path, TreePath Folder, string Suffix);
