using System.Globalization;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Forgetting;

/// <summary>
/// Deletes Nodes whose machines are gone for good, where the metadata says after how long: one an hour, an event first.
/// Every master counts for itself, and the one that has the lease deletes.
/// </summary>
/// <param name="connect">The API as administrator.</param>
/// <param name="workers">The names in DNS under which workers stand.</param>
/// <param name="after">How long a Node must be gone.</param>
/// <param name="master">This machine's name.</param>
/// <param name="narrator">Told what is deleted, and what is too much.</param>
internal sealed class NodeForgetting(
    Func<KubernetesClient> connect, IReadOnlyList<PeerWatch> workers, TimeSpan after, string master, Narrator narrator,
    TimeProvider time)
{
    private const string Matter = "Nodes that are gone";
    private const string Namespace = "kube-system";
    private const string LeaseName = "images-forgetting";

    /// <summary>On the lease: when the last Node was deleted, whoever did.</summary>
    private const string LastMark = "images/last";

    private static readonly TimeSpan _look = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _between = TimeSpan.FromHours(1);

    private readonly Dictionary<string, DateTimeOffset> _unnamedSince = new(StringComparer.Ordinal);
    private readonly KubernetesLease _lease = new(Namespace, LeaseName, master, new LeaseTimes(), time);

    /// <summary>Ends by cancellation alone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception e) when (e is KubernetesApiException or IOException)
            {
                _unnamedSince.Clear(); // what was there meanwhile is not known
            }

            await Task.Delay(_look, time, cancellationToken);
        }
    }

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        using KubernetesClient client = connect();
        IReadOnlyList<KubernetesObject> nodes =
            (await client.ListAsync(KubernetesResource.Nodes, "", cancellationToken)).Items;
        ForgetRule.NoteNames(_unnamedSince, nodes, await NamedAsync(cancellationToken), time.GetUtcNow());
        (KubernetesObject? gone, int candidates) = ForgetRule.Choose(nodes, _unnamedSince, time.GetUtcNow(), after);
        if (gone is null)
        {
            narrator.SayOnce(
                Matter,
                candidates == 0
                    ? Array.Empty<string>()
                    : [$"{candidates} of {nodes.Count} Nodes are gone from DNS and silent: more than a third, "
                        + "so none is deleted"]);
            return;
        }

        await _lease.WorkAsync(client, working => ForgetAsync(client, gone, working), cancellationToken);
    }

    /// <summary>Null where one of the names that has had an answer gives none now.</summary>
    private async Task<IReadOnlyCollection<string>?> NamedAsync(CancellationToken cancellationToken)
    {
        HashSet<string> named = new(StringComparer.Ordinal);
        bool isWhole = true;
        foreach (PeerWatch watch in workers)
        {
            PeerView view = await watch.AskAsync(cancellationToken);
            named.UnionWith(view.Good.Addresses);
            isWhole &= view.Failure is null || view.LastSuccess is null;
        }

        return isWhole && named.Count > 0 ? named : null;
    }

    /// <summary>Under the lease.</summary>
    private async Task ForgetAsync(KubernetesClient client, KubernetesObject node, CancellationToken cancellationToken)
    {
        string lease = KubernetesResource.Leases.One(LeaseName, Namespace);
        DateTimeOffset now = time.GetUtcNow();
        if ((await client.GetAsync(lease, cancellationToken)).Moment("metadata", "annotations", LastMark) is { } last
            && now - last < _between)
        {
            return;
        }

        string why = $"no answer of DNS names its machine, and it is silent since "
            + $"{Text(ForgetRule.SilentSince(node) ?? now)}: both for {after.TotalHours:0} hours and more";
        await client.CreateAsync("/api/v1/namespaces/default/events", Event(node, why, now), cancellationToken);
        await client.PatchAsync(
            lease,
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [LastMark] = Text(now) } },
            },
            cancellationToken);
        await client.DeleteAsync(KubernetesResource.Nodes.One(node.Name), cancellationToken);
        narrator.Say($"deleted the Node {node.Name}: {why}");
    }

    private static JsonObject Event(KubernetesObject node, string why, DateTimeOffset now) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Event",
        ["metadata"] = new JsonObject { ["generateName"] = $"{node.Name}.", ["namespace"] = "default" },
        ["involvedObject"] = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["name"] = node.Name,
            ["uid"] = node.Text("metadata", "uid"),
        },
        ["type"] = "Warning",
        ["reason"] = "Forgotten",
        ["message"] = $"The Node is deleted: {why}.",
        ["source"] = new JsonObject { ["component"] = "images" },
        ["firstTimestamp"] = Text(now),
        ["lastTimestamp"] = Text(now),
        ["count"] = 1,
    };

    private static string Text(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
