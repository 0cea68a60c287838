// The table and its rows, read together.
#pragma warning disable MA0048
namespace Images.NodeConfig.Upgrades;

/// <summary>
/// Versions of the API that newer Kubernetes no longer serves; objects that charts apply may still name them.
/// </summary>
/// <remarks>https://kubernetes.io/docs/reference/using-api/deprecation-guide/, up to 1.36.</remarks>
public static class RemovedApis
{
    private static readonly (int Minor, string Group, string[] Kinds, string Instead)[] _all =
    [
        (
            22, "admissionregistration.k8s.io/v1beta1",
            ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"], "v1"),
        (22, "apiextensions.k8s.io/v1beta1", ["CustomResourceDefinition"], "v1"),
        (22, "apiregistration.k8s.io/v1beta1", ["APIService"], "v1"),
        (22, "authentication.k8s.io/v1beta1", ["TokenReview"], "v1"),
        (22, "authorization.k8s.io/v1beta1",
            ["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
            "v1"),
        (22, "certificates.k8s.io/v1beta1", ["CertificateSigningRequest"], "v1"),
        (22, "coordination.k8s.io/v1beta1", ["Lease"], "v1"),
        (22, "extensions/v1beta1", ["Ingress"], "networking.k8s.io/v1"),
        (22, "networking.k8s.io/v1beta1", ["Ingress", "IngressClass"], "v1"),
        (22, "rbac.authorization.k8s.io/v1beta1", ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"], "v1"),
        (22, "scheduling.k8s.io/v1beta1", ["PriorityClass"], "v1"),
        (22, "storage.k8s.io/v1beta1", ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"], "v1"),
        (25, "autoscaling/v2beta1", ["HorizontalPodAutoscaler"], "autoscaling/v2"),
        (25, "batch/v1beta1", ["CronJob"], "v1"),
        (25, "discovery.k8s.io/v1beta1", ["EndpointSlice"], "v1"),
        (25, "events.k8s.io/v1beta1", ["Event"], "v1"),
        (25, "node.k8s.io/v1beta1", ["RuntimeClass"], "v1"),
        (25, "policy/v1beta1", ["PodDisruptionBudget"], "v1"),
        (25, "policy/v1beta1", ["PodSecurityPolicy"], "the labels of Pod Security on namespaces"),
        (26, "autoscaling/v2beta2", ["HorizontalPodAutoscaler"], "autoscaling/v2"),
        (26, "flowcontrol.apiserver.k8s.io/v1beta1", ["FlowSchema", "PriorityLevelConfiguration"], "v1"),
        (27, "storage.k8s.io/v1beta1", ["CSIStorageCapacity"], "v1"),
        (29, "flowcontrol.apiserver.k8s.io/v1beta2", ["FlowSchema", "PriorityLevelConfiguration"], "v1"),
        (32, "flowcontrol.apiserver.k8s.io/v1beta3", ["FlowSchema", "PriorityLevelConfiguration"], "v1"),
    ];

    /// <summary>What is served before a jump and not after it, in the order in which it went.</summary>
    /// <param name="fromMinor">Of the older Kubernetes.</param>
    /// <param name="toMinor">Of the newer one.</param>
    public static IReadOnlyList<RemovedApi> Between(int fromMinor, int toMinor) =>
    [
        .. _all.Where(removed => removed.Minor > fromMinor && removed.Minor <= toMinor)
            .Select(removed => new RemovedApi($"1.{removed.Minor}", removed.Group, removed.Kinds, removed.Instead)),
    ];
}

/// <summary>One group and version with the kinds that went with it.</summary>
/// <param name="Since">The first Kubernetes without it.</param>
/// <param name="ApiVersion">As manifests write it.</param>
/// <param name="Kinds">Which kinds had it.</param>
/// <param name="Instead">What serves them now.</param>
public sealed record RemovedApi(string Since, string ApiVersion, IReadOnlyList<string> Kinds, string Instead);
