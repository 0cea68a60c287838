// One closed family, read together: what a watch says.
#pragma warning disable MA0048
namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>One line of a watch.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Object">The object after it; for a bookmark only its resource version counts.</param>
internal sealed record KubernetesEvent(KubernetesEventKind Kind, KubernetesObject Object);

internal enum KubernetesEventKind
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}
