using System.Collections.Immutable;
using Images.Formats.Tree;

namespace Images.Baker.Plan;

/// <summary>Made of files of a Debian package that the image holds anyway.</summary>
internal sealed record PackagedContainerPlan : ContainerImagePlan
{
    public required string Package { get; init; }

    /// <summary>Files and folders of the package, sorted; a folder brings its content.</summary>
    public required ImmutableArray<TreePath> Files { get; init; }

    /// <summary>The program's full path, then its arguments.</summary>
    public required ImmutableArray<string> Entrypoint { get; init; }

    /// <summary>Numeric user, or user and group: 65535:65535.</summary>
    public required string User { get; init; }

    public override string Describe() =>
        $"{Name} package {Package} files {string.Join(' ', Files)} entrypoint {string.Join('\u0001', Entrypoint)} user {User}";
}
