namespace Images.Bootstrapper.Kubernetes.Api;

internal enum KubernetesEventKind
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}
