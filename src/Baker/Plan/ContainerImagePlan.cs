// One closed family, read together: what image.yaml says under containerImages.
#pragma warning disable MA0048
using System.Collections.Immutable;
using Images.Formats.Tree;

namespace Images.Baker.Plan;

/// <summary>One container image that the image carries, so that a node runs it without any registry.</summary>
internal abstract record ContainerImagePlan
{
    /// <summary>How pods and containerd's settings call it: host, repository and tag.</summary>
    public required ContainerReference Name { get; init; }

    /// <summary>
    /// All that image.yaml says of it, as text: for the key of its layer and for the digest of the plan.
    /// </summary>
    public abstract string Describe();
}

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
        $"{Name} package {Package} files {string.Join(' ', Files)} entrypoint "
            + $"{string.Join('\u0001', Entrypoint)} user {User}";
}

/// <summary>Pulled from a registry by the digest that the lock pins.</summary>
internal sealed record PulledContainerPlan : ContainerImagePlan
{
    /// <summary>
    /// Where it is had. <c>baker lock</c> turns its tag into a digest; its own digest, if it has one, decides.
    /// </summary>
    public required ContainerReference Source { get; init; }

    public override string Describe() => $"{Name} pull {Source}";
}

/// <summary>Taken from an OCI or docker archive on disk; the lock pins the file's digest.</summary>
internal sealed record ArchivedContainerPlan : ContainerImagePlan
{
    /// <summary>Full path.</summary>
    public required string Archive { get; init; }

    /// <summary>As image.yaml has it.</summary>
    public required string WrittenPath { get; init; }

    public override string Describe() => $"{Name} archive {WrittenPath}";
}

/// <summary>Made of one static program on disk; the lock pins the file's digest.</summary>
internal sealed record BinaryContainerPlan : ContainerImagePlan
{
    /// <summary>Full path on this host.</summary>
    public required string Binary { get; init; }

    /// <summary>As image.yaml has it.</summary>
    public required string WrittenPath { get; init; }

    /// <summary>What the program is started with where a pod does not say.</summary>
    public required ImmutableArray<string> Arguments { get; init; }

    /// <summary>Numeric user, or user and group: 65535:65535.</summary>
    public required string User { get; init; }

    /// <summary>Where the program lies in the container.</summary>
    public string Program => "/" + Path.GetFileName(Binary);

    public override string Describe() =>
        $"{Name} binary {WrittenPath} arguments {string.Join('\u0001', Arguments)} user {User}";
}
