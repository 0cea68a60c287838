namespace Images.Bootstrapper.Kubernetes.AddOns;

/// <summary>What must be there before what.</summary>
internal static class AddOnOrder
{
    private static readonly string[][] _first =
    [
        ["Namespace"],
        ["CustomResourceDefinition"],
        ["PriorityClass", "RuntimeClass", "StorageClass", "IngressClass", "ServiceAccount", "ClusterRole", "Role"],
        [
            "ClusterRoleBinding", "RoleBinding", "ConfigMap", "Secret", "LimitRange", "ResourceQuota", "NetworkPolicy",
            "PersistentVolume", "PersistentVolumeClaim",
        ],
        ["Service"],
    ];

    /// <summary>These ask a pod before anything else may be applied.</summary>
    private static readonly string[] _last =
        ["APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

    /// <summary>
    /// What others keep their own things in, or may need though it is no longer ours: never removed by itself.
    /// </summary>
    private static readonly string[] _kept =
        ["Namespace", "CustomResourceDefinition", "PersistentVolume", "PersistentVolumeClaim"];

    public static int RankOf(string kind)
    {
        int rank = Array.FindIndex(_first, kinds => kinds.Contains(kind, StringComparer.Ordinal));
        return rank >= 0 ? rank : _first.Length + (_last.Contains(kind, StringComparer.Ordinal) ? 1 : 0);
    }

    public static bool IsKept(string kind) => _kept.Contains(kind, StringComparer.Ordinal);
}
