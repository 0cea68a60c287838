using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.NodeRoles;

/// <summary>
/// Labels each Node with the roles under which DNS names its address, which is what kubectl shows as ROLES. A kubelet
/// may not say so of itself: the admission plugin NodeRestriction refuses such labels.
/// </summary>
/// <param name="connect">The API as this agent's own user.</param>
/// <param name="roles">The names in DNS by role.</param>
/// <param name="narrator">Told what cannot be done.</param>
internal sealed class NodeRoleLabels(
    Func<KubernetesClient> connect, IReadOnlyDictionary<string, IReadOnlyList<PeerWatch>> roles,
    Narrator narrator, TimeProvider time)
{
    private const string Matter = "roles of Nodes";
    private const string Prefix = "node-role.kubernetes.io/";
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ChangeSignal signal = new(time);
        ResourceWatch nodes = new(connect, KubernetesResource.Nodes, signal.Set, narrator, time);
        await await Task.WhenAny(nodes.RunAsync(cancellationToken), FollowAsync(nodes, signal, cancellationToken));
    }

    /// <summary>
    /// A merge patch of the Node's labels; null when they are as they should be. Labels of other roles than ours
    /// are not touched.
    /// </summary>
    public static JsonObject? Patch(
        KubernetesObject node, IReadOnlyDictionary<string, IReadOnlyCollection<string>> addressesByRole)
    {
        string[] addresses = [.. node.Items("status", "addresses")
            .Where(item => item.Text("type") == "InternalIP")
            .Select(item => item.Text("address"))];
        JsonObject labels = [];
        foreach ((string role, IReadOnlyCollection<string> named)
            in addressesByRole.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            bool isMember = addresses.Any(named.Contains);
            if (isMember != HasLabel(node, Prefix + role))
            {
                labels[Prefix + role] = isMember ? JsonValue.Create("") : null;
            }
        }

        return labels.Count == 0 || addresses.Length == 0
            ? null
            : new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } };
    }

    private static bool HasLabel(KubernetesObject node, string label) =>
        node.Json["metadata"]?["labels"] is JsonObject labels && labels.ContainsKey(label);

    private async Task FollowAsync(ResourceWatch nodes, ChangeSignal signal, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (nodes.Objects is { Count: > 0 } objects)
            {
                await ApplyAsync(objects, await AddressesAsync(cancellationToken), cancellationToken);
            }

            await signal.WaitAsync(_again, cancellationToken);
        }
    }

    /// <summary>
    /// Roles that DNS has never named count for nothing: a label is taken away only by an answer that
    /// lacks the address.
    /// </summary>
    private async Task<IReadOnlyDictionary<string, IReadOnlyCollection<string>>> AddressesAsync(
        CancellationToken cancellationToken)
    {
        SortedDictionary<string, IReadOnlyCollection<string>> addresses = new(StringComparer.Ordinal);
        foreach ((string role, IReadOnlyList<PeerWatch> watches) in roles)
        {
            List<string> named = [];
            foreach (PeerWatch watch in watches)
            {
                named.AddRange((await watch.AskAsync(cancellationToken)).Good.Addresses);
            }

            if (named.Count > 0)
            {
                addresses[role] = named;
            }
        }

        return addresses;
    }

    private async Task ApplyAsync(
        IReadOnlyList<KubernetesObject> nodes, IReadOnlyDictionary<string, IReadOnlyCollection<string>> addresses,
        CancellationToken cancellationToken)
    {
        try
        {
            using KubernetesClient client = connect();
            foreach (KubernetesObject node in nodes)
            {
                if (Patch(node, addresses) is JsonObject patch)
                {
                    await client.PatchAsync(KubernetesResource.Nodes.One(node.Name), patch, cancellationToken);
                }
            }

            narrator.Settle(Matter);
        }
        catch (Exception e) when (e is KubernetesApiException or IOException)
        {
            narrator.SayOnce(Matter, $"the roles of Nodes cannot be shown, trying again: {e.Message}");
        }
    }
}
