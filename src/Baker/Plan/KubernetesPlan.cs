// One closed family, read together: what image.yaml says under kubernetes.
#pragma warning disable MA0048
using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Images.Formats;
using Images.NodeConfig.Roles;

namespace Images.Baker.Plan;

/// <summary>
/// The part 'kubernetes' of image.yaml. Every source that it describes is pinned by the lock; one of them is used.
/// </summary>
internal sealed record KubernetesPlan
{
    public required KubernetesSource Source { get; init; }

    public KubernetesUpstreamPlan? Upstream { get; init; }

    public KubernetesDebianPlan? Debian { get; init; }

    public KubernetesFolderPlan? Folder { get; init; }

    /// <summary>Whether image.yaml says enough to use this source.</summary>
    public bool Describes(KubernetesSource source) => source switch
    {
        KubernetesSource.None => true,
        KubernetesSource.Auto => Upstream is not null && Debian is not null,
        KubernetesSource.Upstream => Upstream is not null,
        KubernetesSource.Debian => Debian is not null,
        KubernetesSource.Folder => Folder is not null,
        _ => false,
    };
}

/// <summary>Where Kubernetes' programs come from.</summary>
public enum KubernetesSource
{
    /// <summary>They stay out of the image; the lock pins the sources all the same.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>Upstream's release where its server can be reached, else built from Debian's source package.</summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>Upstream's release archive.</summary>
    [JsonStringEnumMemberName("upstream")]
    Upstream,

    /// <summary>Built from Debian's source package.</summary>
    [JsonStringEnumMemberName("debian")]
    Debian,

    /// <summary>A folder of the user's own.</summary>
    [JsonStringEnumMemberName("folder")]
    Folder,
}

internal sealed record KubernetesUpstreamPlan
{
    public required ComponentVersion Version { get; init; }

    /// <summary>
    /// SHA-512 of kubernetes-server-linux-amd64.tar.gz; null where <c>baker lock</c> is to ask the server.
    /// </summary>
    public required Digest? Sha512 { get; init; }
}

internal sealed record KubernetesDebianPlan
{
    /// <summary>
    /// The package that holds the Go command, as golang-1.26-go; the standard library is one of its dependencies.
    /// </summary>
    public required string Toolchain { get; init; }

    /// <summary>
    /// Suites that hold the source package, the toolchain and the library that replaces a vendored one. The image's own
    /// packages never come from them.
    /// </summary>
    public required ImmutableArray<SuitePlan> Suites { get; init; }
}

internal sealed record KubernetesFolderPlan
{
    /// <summary>Full path.</summary>
    public required string Path { get; init; }

    /// <summary>What the programs are said to be; they must hold this version's text.</summary>
    public required ComponentVersion Version { get; init; }
}
