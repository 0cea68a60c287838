// One closed family, read together: what image.lock.json says of Kubernetes.
#pragma warning disable MA0048
using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Images.Baker.Plan;
using Images.Formats;
using Images.NodeConfig.Roles;

namespace Images.Baker.Locking;

/// <summary>Every source of Kubernetes that image.yaml describes, pinned.</summary>
internal sealed record LockedKubernetes
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LockedUpstream? Upstream { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LockedSourceBuild? Debian { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LockedProgramFolder? Folder { get; init; }
}

/// <summary>Upstream's archive of the server programs.</summary>
internal sealed record LockedUpstream
{
    /// <summary>As 1.36.0.</summary>
    public required string Version { get; init; }

    /// <summary>Below the server's root: v1.36.0/kubernetes-server-linux-amd64.tar.gz.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes; null where the server could not be asked when the lock was made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Size { get; init; }

    /// <summary>SHA-512, as upstream publishes it.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The path of a release's archive below the server's root.</summary>
    public static string PathOf(ComponentVersion version) => $"v{version}/kubernetes-server-linux-amd64.tar.gz";
}

/// <summary>All that a build from Debian's source package needs.</summary>
internal sealed record LockedSourceBuild
{
    /// <summary>The release that the source package holds, as 1.20.2.</summary>
    public required string Version { get; init; }

    public required LockedSourcePackage Source { get; init; }

    /// <summary>The Go toolchain and the sources of a library, sorted by name.</summary>
    public required ImmutableArray<LockedPackage> Packages { get; init; }

    /// <summary>What they were resolved from, sorted by archive and suite.</summary>
    public required ImmutableArray<LockedRelease> Releases { get; init; }
}

/// <summary>A Debian source package in format 3.0 (quilt).</summary>
internal sealed record LockedSourcePackage
{
    public required string Name { get; init; }

    /// <summary>Debian's full version.</summary>
    public required string Version { get; init; }

    public required string Archive { get; init; }

    public required string Suite { get; init; }

    /// <summary>The .dsc, the original archive and Debian's changes, sorted by path.</summary>
    public required ImmutableArray<LockedSourceFile> Files { get; init; }

    /// <summary>The name of the one file that ends so.</summary>
    public string FileName(string suffix) =>
        Files.Select(file => file.FileName()).Single(name => name.EndsWith(suffix, StringComparison.Ordinal));
}

/// <summary>One file of a source package.</summary>
internal sealed record LockedSourceFile
{
    /// <summary>Below the archive's root.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required Digest Digest { get; init; }

    /// <summary>The file's name, for messages.</summary>
    public string FileName() => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>Programs in a folder of the user's own.</summary>
internal sealed record LockedProgramFolder
{
    public required string Version { get; init; }

    /// <summary>All of <see cref="KubernetesProgramNames"/>, in that order.</summary>
    public required ImmutableArray<LockedProgram> Programs { get; init; }
}

internal sealed record LockedProgram
{
    public required string Name { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required Digest Digest { get; init; }
}
