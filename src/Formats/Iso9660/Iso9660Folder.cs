using Images.Formats.Tree;

namespace Images.Formats.Iso9660;

/// <summary>One folder of one hierarchy: what is in it under which identifiers, how long it is.</summary>
internal sealed record Iso9660Folder
{
    public required TreePath Path { get; init; }

    /// <summary>Counted from 1 in path table order.</summary>
    public required int Number { get; init; }

    public required int ParentNumber { get; init; }

    /// <summary>One zero byte for the root.</summary>
    public required byte[] Identifier { get; init; }

    /// <summary>In the order of their identifiers.</summary>
    public required IReadOnlyList<(TreePath Path, byte[] Identifier)> Children { get; init; }
}
