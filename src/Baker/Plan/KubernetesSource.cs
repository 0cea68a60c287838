using System.Text.Json.Serialization;

namespace Images.Baker.Plan;

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
