using System.Collections.Immutable;

namespace Images.Baker.Plan;

/// <summary>The programs of Kubernetes that an image holds, sorted.</summary>
internal static class KubernetesProgramNames
{
    /// <summary>Their folder in the image.</summary>
    public const string Folder = "usr/bin";

    /// <summary>Where the image says under which terms they may be passed on.</summary>
    public const string Copyright = "usr/share/doc/kubernetes/copyright";

    /// <summary>Where the image lists the Go modules in them, a path and a version a line.</summary>
    public const string Modules = "usr/share/doc/kubernetes/go-modules";

    public static ImmutableArray<string> All { get; } =
        ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet"];
}
