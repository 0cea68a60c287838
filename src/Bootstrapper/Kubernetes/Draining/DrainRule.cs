using System.Globalization;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Draining;

/// <summary>Which pods end before their machine does, and what marks its Node meanwhile: pure.</summary>
internal static class DrainRule
{
    /// <summary>On a Node that its own machine has closed, so that it opens again only what it has closed.</summary>
    public const string Mark = "images/stopping";

    private const string Mirror = "kubernetes.io/config.mirror";

    /// <summary>
    /// Those that others replace elsewhere: a pod that nobody made comes back with its machine, and would not if it
    /// were deleted; a DaemonSet's would come back at once; a static pod's end is not the API's.
    /// </summary>
    public static bool Ends(KubernetesObject pod) =>
        pod.Text("status", "phase") is not ("Succeeded" or "Failed")
        && pod.Text("metadata", "annotations", Mirror).Length == 0
        && pod.Items("metadata", "ownerReferences").Any(owner => owner.Flag("controller")
            && owner.Kind is not ("DaemonSet" or "Node"));

    /// <summary>Whether the API server has heard that it is to end.</summary>
    public static bool IsAskedToEnd(KubernetesObject pod) => pod.Text("metadata", "deletionTimestamp").Length > 0;

    /// <summary>"default/web-1 (asked to end, 1 of its containers runs)": why it is still there.</summary>
    public static string Describe(KubernetesObject pod)
    {
        int running = pod.Items("status", "containerStatuses")
            .Count(container => container.Text("state", "running", "startedAt").Length > 0);
        string containers = running switch
        {
            0 => "none of its containers runs",
            1 => "1 of its containers runs",
            _ => string.Create(CultureInfo.InvariantCulture, $"{running} of its containers run"),
        };
        string asked = IsAskedToEnd(pod) ? "asked to end" : "kept by a disruption budget";
        return $"{pod.Namespace}/{pod.Name} ({asked}, {containers})";
    }

    /// <summary>Whether another Node could take what ends here: else an early end helps nobody.</summary>
    /// <param name="nodes">All.</param>
    /// <param name="own">The one that stops.</param>
    public static bool HasOther(IEnumerable<KubernetesObject> nodes, string own) =>
        nodes.Any(node => node.Name != own && !node.Flag("spec", "unschedulable")
            && node.Items("status", "conditions").Any(condition =>
                condition.Text("type") == "Ready" && condition.Text("status") == "True"));

    /// <summary>A merge patch that closes the Node to new pods; null where somebody else has closed it.</summary>
    public static JsonObject? Close(KubernetesObject node, DateTimeOffset now) =>
        node.Flag("spec", "unschedulable")
            ? null
            : Patch(isClosed: true, now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    /// <summary>A merge patch that opens the Node; null where its machine has not closed it.</summary>
    public static JsonObject? Open(KubernetesObject node) =>
        node.Text("metadata", "annotations", Mark).Length == 0 ? null : Patch(isClosed: null, mark: null);

    private static JsonObject Patch(bool? isClosed, string? mark) => new()
    {
        ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Mark] = mark } },
        ["spec"] = new JsonObject { ["unschedulable"] = isClosed },
    };
}
