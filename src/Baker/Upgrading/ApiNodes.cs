using System.Globalization;
using System.Text.Json.Nodes;

namespace Images.Baker.Upgrading;

/// <summary>Nodes over the API, as kubectl's cordon and drain have them.</summary>
internal sealed class ApiNodes(ApiServer api, TimeProvider time) : IClusterNodes
{
    /// <summary>On a Node that an upgrade has closed: what a person has closed stays closed.</summary>
    public const string Mark = "images/upgrading";

    private const string Mirror = "kubernetes.io/config.mirror";

    public async Task<bool> CloseAsync(string node, CancellationToken cancellationToken)
    {
        JsonObject list = ApiServer.Require(
            await api.GetAsync("/api/v1/nodes", cancellationToken).ConfigureAwait(false), "the list of Nodes");
        JsonObject[] all = [.. Items(list)];
        JsonObject? own = all.FirstOrDefault(other => Name(other) == node);
        if (own is null || !all.Any(other => Name(other) != node && !IsClosed(other) && IsReady(other)))
        {
            return false;
        }

        if (!IsClosed(own))
        {
            string now = time.GetUtcNow().UtcDateTime
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            await PatchAsync(node, isClosed: true, now, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    public async Task<IReadOnlyList<string>> EvictAsync(string node, CancellationToken cancellationToken)
    {
        JsonObject list = ApiServer.Require(
            await api.GetAsync(
                $"/api/v1/pods?fieldSelector={Uri.EscapeDataString($"spec.nodeName={node}")}", cancellationToken)
                .ConfigureAwait(false),
            $"the list of the pods of {node}");
        List<string> left = [];
        foreach (JsonObject pod in Items(list).Where(Ends))
        {
            string name = $"{Text(pod, "metadata", "namespace")}/{Name(pod)}";
            left.Add(
                Text(pod, "metadata", "deletionTimestamp").Length > 0
                    ? $"{name} (ending)"
                    : $"{name} ({await EvictAsync(pod, cancellationToken).ConfigureAwait(false)})");
        }

        return left;
    }

    public async Task<bool> OpenAsync(string node, CancellationToken cancellationToken)
    {
        ApiAnswer found = await api.GetAsync(PathOf(node), cancellationToken).ConfigureAwait(false);
        if (found.Status == ApiAnswer.NotFound)
        {
            return false;
        }

        JsonObject own = ApiServer.Require(found, $"the Node {node}");
        if (Text(own, "metadata", "annotations", Mark).Length == 0)
        {
            return false;
        }

        await PatchAsync(node, isClosed: null, mark: null, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public async Task<bool> IsReadyAsync(string node, CancellationToken cancellationToken)
    {
        ApiAnswer found = await api.GetAsync(PathOf(node), cancellationToken).ConfigureAwait(false);
        return found.IsDone && IsReady(found.Body);
    }

    /// <summary>
    /// Those that others replace elsewhere. A pod that nobody made comes back with its machine, and would not if it
    /// were evicted; a DaemonSet's would come back at once; a static pod's end is not the API's.
    /// </summary>
    private static bool Ends(JsonObject pod) =>
        Text(pod, "status", "phase") is not ("Succeeded" or "Failed")
        && Text(pod, "metadata", "annotations", Mirror).Length == 0
        && Items(pod, "metadata", "ownerReferences").Any(owner =>
            Flag(owner, "controller") && Text(owner, "kind") is not ("DaemonSet" or "Node"));

    /// <summary>In v1, which Kubernetes has since 1.22, or the beta that was before.</summary>
    /// <returns>What became of it, in words.</returns>
    private async Task<string> EvictAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        string path = $"/api/v1/namespaces/{Uri.EscapeDataString(Text(pod, "metadata", "namespace"))}"
            + $"/pods/{Uri.EscapeDataString(Name(pod))}/eviction";
        ApiAnswer answer = await api.CreateAsync(path, Eviction(pod, "policy/v1"), cancellationToken)
            .ConfigureAwait(false);
        if (answer.Status is 400 or ApiAnswer.NotFound)
        {
            answer = await api.CreateAsync(path, Eviction(pod, "policy/v1beta1"), cancellationToken)
                .ConfigureAwait(false);
        }

        return answer.IsDone || answer.Status == ApiAnswer.NotFound ? "asked to end"
            : answer.Status == ApiAnswer.TooManyRequests ? $"kept by a disruption budget: {answer.Message}"
            : answer.Message;
    }

    private static JsonObject Eviction(JsonObject pod, string version) => new()
    {
        ["apiVersion"] = version,
        ["kind"] = "Eviction",
        ["metadata"] = new JsonObject
        {
            ["name"] = Name(pod),
            ["namespace"] = Text(pod, "metadata", "namespace"),
        },
    };

    private async Task PatchAsync(string node, bool? isClosed, string? mark, CancellationToken cancellationToken)
    {
        JsonObject patch = new()
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Mark] = mark } },
            ["spec"] = new JsonObject { ["unschedulable"] = isClosed },
        };
        ApiServer.Require(
            await api.PatchAsync(PathOf(node), patch, cancellationToken).ConfigureAwait(false), $"the Node {node}");
    }

    private static string PathOf(string node) => $"/api/v1/nodes/{Uri.EscapeDataString(node)}";

    private static bool IsClosed(JsonObject node) => Flag(node, "spec", "unschedulable");

    private static bool IsReady(JsonObject node) => Items(node, "status", "conditions").Any(condition =>
        Text(condition, "type") == "Ready" && Text(condition, "status") == "True");

    private static string Name(JsonObject item) => Text(item, "metadata", "name");

    private static IEnumerable<JsonObject> Items(JsonObject list) => Items(list, "items");

    private static IEnumerable<JsonObject> Items(JsonObject from, params ReadOnlySpan<string> path) =>
        Find(from, path) is JsonArray array ? array.OfType<JsonObject>() : [];

    private static string Text(JsonObject from, params ReadOnlySpan<string> path) =>
        Find(from, path) is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private static bool Flag(JsonObject from, params ReadOnlySpan<string> path) =>
        Find(from, path) is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>What is missing or of another type is nothing.</summary>
    private static JsonNode? Find(JsonObject from, ReadOnlySpan<string> path)
    {
        JsonNode? node = from;
        foreach (string key in path)
        {
            node = (node as JsonObject)?[key];
        }

        return node;
    }
}
