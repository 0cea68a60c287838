using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>A symbolic link: where it stands and what it says.</summary>
public sealed record DeclaredLink(TreePath Path, string Target);
