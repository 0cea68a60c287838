using System.Collections.Immutable;

namespace Images.Baker.Sources.Kubernetes;

/// <summary>The programs of Kubernetes that an image holds, sorted.</summary>
internal static class KubernetesProgramNames
{
    /// <summary>Their folder in the image.</summary>
    public const string Folder = "usr/bin";

    public static ImmutableArray<string> All { get; } =
        ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet"];
}
