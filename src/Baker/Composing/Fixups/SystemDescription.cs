// One closed family, read together: roles/common/common.yaml.
#pragma warning disable MA0048
using Images.Baker.Merging;
using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// roles/common/common.yaml: what maintainer scripts would have done to the tree, as data. README.md in
/// roles/ describes the keys.
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

    /// <summary>
    /// Permission bits of our own files other than 0644, and of packages' files that their scripts would have changed.
    /// </summary>
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

/// <summary>A directory that the image has whether or not a package brings it. Owned by root.</summary>
public sealed record DeclaredDirectory(TreePath Path, int Mode);

/// <summary>A symbolic link: where it stands and what it says.</summary>
public sealed record DeclaredLink(TreePath Path, string Target);

/// <summary>
/// A file made of all files of a folder whose names end in <paramref name="Suffix"/>, in the order of their names.
/// </summary>
public sealed record DeclaredConcatenation(TreePath Path, TreePath Folder, string Suffix);

/// <summary>
/// A user without a password. Where <see cref="Gid"/> is null, a group of the same name and number comes with it.
/// </summary>
public sealed record AccountUser
{
    public required string Name { get; init; }

    public required int Uid { get; init; }

    public int? Gid { get; init; }

    public string Comment { get; init; } = "";

    public string Home { get; init; } = "/";

    public string Shell { get; init; } = "/usr/sbin/nologin";

    /// <summary>Groups that list the user as a member.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
}

/// <summary>
/// A group with an id that stays the same in every image, because files on the state partition carry it.
/// </summary>
public sealed record AccountGroup(string Name, int Gid);
