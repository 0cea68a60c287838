using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.NodeRoles;

/// <summary>
/// Labels each Node with the roles under which DNS names its address, which is what kubectl shows as ROLES and what
/// pods may select. A kubelet may not label itself so (the admission plugin NodeRestriction), but it writes its Node's
/// addresses itself. So a label is given only where whoever stands at the address is that Node, and taken away where
/// another stands there; while nobody answers, it stays as it is.
/// </summary>
/// <param name="connect">The API as this agent's own user.</param>
/// <param name="roles">The names in DNS by role.</param>
/// <param name="ask">
/// Given a role and an address, the names of Nodes that may have the role there; null where nobody answers.
/// </param>
/// <param name="narrator">Told what cannot be done.</param>
internal sealed class NodeRoleLabels(
    Func<KubernetesClient> connect, IReadOnlyDictionary<string, IReadOnlyList<PeerWatch>> roles,
    Func<string, string, CancellationToken, Task<IReadOnlyCollection<string>?>> ask,
    Narrator narrator, TimeProvider time)
{
    private const string Matter = "roles of Nodes";
    private const string Prefix = "node-role.kubernetes.io/";
    private const int AtOnce = 50;
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(30);

    /// <summary>How long an answer holds that was as it should be, and any other: Nodes change at any moment.</summary>
    private static readonly TimeSpan _believed = TimeSpan.FromHours(1), _doubted = TimeSpan.FromSeconds(20);

    private Dictionary<(string Role, string Address), RoleAnswer> _answers = [];

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
    /// <param name="node">The Node.</param>
    /// <param name="addressesByRole">What DNS names.</param>
    /// <param name="holders">Who may have a role at an address; null where nobody answers.</param>
    public static JsonObject? Patch(
        KubernetesObject node, IReadOnlyDictionary<string, IReadOnlyCollection<string>> addressesByRole,
        Func<string, string, IReadOnlyCollection<string>?> holders)
    {
        string[] addresses = [.. AddressesOf(node)];
        JsonObject labels = [];
        foreach ((string role, IReadOnlyCollection<string> named)
            in addressesByRole.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            bool?[] has = [.. addresses.Where(named.Contains).Select(address => Holds(node, holders(role, address)))];
            bool? isMember = has.Contains(true) ? true : has.Contains(null) ? null : false;
            if (isMember is bool known && known != HasLabel(node, Prefix + role))
            {
                labels[Prefix + role] = known ? JsonValue.Create("") : null;
            }
        }

        return labels.Count == 0 || addresses.Length == 0
            ? null
            : new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } };
    }

    private static bool? Holds(KubernetesObject node, IReadOnlyCollection<string>? holders) =>
        holders?.Contains(node.Name, StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> AddressesOf(KubernetesObject node) => node.Items("status", "addresses")
        .Where(item => item.Text("type") == "InternalIP")
        .Select(item => item.Text("address"));

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
            await AskAsync(nodes, addresses, cancellationToken);
            using KubernetesClient client = connect();
            foreach (KubernetesObject node in nodes)
            {
                if (Patch(node, addresses, HoldersAt) is JsonObject patch)
                {
                    await client.PatchAsync(KubernetesResource.Nodes.One(node.Name), patch, cancellationToken);
                }
            }

            narrator.Settle(Matter);
        }
        catch (Exception e) when (e is KubernetesApiException or IOException)
        {
            narrator.SayOnce(Matter, $"the roles of Nodes cannot be shown, trying again: {FaultText.Of(e)}");
        }
    }

    private IReadOnlyCollection<string>? HoldersAt(string role, string address) =>
        _answers.GetValueOrDefault((role, address))?.Nodes;

    /// <summary>Whoever stands where a Node says that it does, unless the last answer still holds.</summary>
    private async Task AskAsync(
        IReadOnlyList<KubernetesObject> nodes, IReadOnlyDictionary<string, IReadOnlyCollection<string>> addresses,
        CancellationToken cancellationToken)
    {
        ILookup<(string Role, string Address), KubernetesObject> claimed = nodes
            .SelectMany(node => AddressesOf(node).SelectMany(address => addresses
                .Where(role => role.Value.Contains(address))
                .Select(role => (Place: (Role: role.Key, Address: address), Node: node))))
            .ToLookup(claim => claim.Place, claim => claim.Node);
        ConcurrentDictionary<(string, string), RoleAnswer> answers = [];
        await Parallel.ForEachAsync(
            claimed,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (place, limit) => answers[place.Key] =
                _answers.GetValueOrDefault(place.Key) is { } last && Holds(last, place)
                    ? last
                    : new RoleAnswer(await ask(place.Key.Role, place.Key.Address, limit), time.GetUtcNow()));
        _answers = new(answers); // without those that no Node says it has any more
    }

    private bool Holds(RoleAnswer answer, IEnumerable<KubernetesObject> nodes) =>
        time.GetUtcNow() - answer.At
            < (nodes.All(node => Holds(node, answer.Nodes) == true) ? _believed : _doubted);

    /// <param name="Nodes">Null where nobody answered.</param>
    private sealed record RoleAnswer(IReadOnlyCollection<string>? Nodes, DateTimeOffset At);
}
