using Images.Baker.Merging;
using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// roles/common/common.yaml: what maintainer scripts would have done to the tree, as data. README.md in roles/ describes the keys.
/// </summary>
public sealed record SystemDescription
{
    /// <summary>Path of the file, for errors.</summary>
    public required string SourceName { get; init; }

    public required IReadOnlyList<AccountGroup> Groups { get; init; }

    public required IReadOnlyList<AccountUser> Users { get; init; }

    /// <summary>Conflicts between packages that are decided here: the package whose file stays.</summary>
    public required MergeRules Winners { get; init; }

    /// <summary>Paths dropped with everything below them.</summary>
    public required IReadOnlyList<TreePath> Remove { get; init; }

    public required IReadOnlyList<DeclaredDirectory> Directories { get; init; }

    public required IReadOnlyList<DeclaredLink> Links { get; init; }

    /// <summary>Links made only where their target is in the tree.</summary>
    public required IReadOnlyList<DeclaredLink> Alternatives { get; init; }

    public required IReadOnlyList<DeclaredConcatenation> Concatenate { get; init; }

    /// <summary>Permission bits of our own files other than 0644, and of packages' files that their scripts would have changed.</summary>
    public required IReadOnlyDictionary<TreePath, int> Modes { get; init; }

    /// <summary>The only programs that keep set-user-id and set-group-id bits.</summary>
    public required IReadOnlySet<TreePath> KeepSetId { get; init; }

    /// <summary>Files of packages that our own files replace. Any other collision is an error.</summary>
    public required IReadOnlySet<TreePath> Replaces { get; init; }

    /// <summary>Units whose [Install] section is carried out.</summary>
    public required IReadOnlyList<string> Enable { get; init; }

    public required IReadOnlyList<string> Mask { get; init; }

    public required IReadOnlyList<string> MaskGenerators { get; init; }
}
