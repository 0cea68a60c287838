using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Draining;

/// <summary>
/// Lets a worker's pods end before the machine does: the Node takes no new ones, those that others replace are evicted,
/// so that no Service leads to them any more, and the kubelet, which still runs, ends them as they wish.
/// </summary>
/// <param name="node">The Node of this machine.</param>
/// <param name="connect">
/// The API with the kubelet's certificate: it may do this to its own pods, and to no others.
/// </param>
/// <param name="narrator">Told what is waited for, and what fails.</param>
internal sealed class NodeDrain(string node, Func<KubernetesClient> connect, Narrator narrator, TimeProvider time)
{
    private const int TooManyRequests = 429;
    private const int BadRequest = 400;
    private const int NotFound = 404;

    /// <summary>Of pods that have not ended: a line is not for hundreds.</summary>
    private const int MostNamed = 5;

    /// <summary>Without the API the machine stops as it would by power.</summary>
    private static readonly TimeSpan _patienceWithApi = TimeSpan.FromSeconds(5);

    /// <summary>A disruption budget holds an eviction back; the machine stops all the same, later.</summary>
    private static readonly TimeSpan _patienceWithBudgets = TimeSpan.FromSeconds(20);

    /// <summary>Pods have half a minute unless they say otherwise.</summary>
    private static readonly TimeSpan _patienceWithPods = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    /// <summary>As they were seen last, for people.</summary>
    private IReadOnlyList<string> _left = [];

    private readonly string _path = KubernetesResource.Nodes.One(node);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        using CancellationTokenSource limit = new(_patienceWithPods, time);
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (await CloseAsync(either.Token))
            {
                await EndPodsAsync(begun, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            narrator.Say($"node-drain.service: pods that have not ended in {_patienceWithPods.TotalSeconds:0} s "
                + $"end with the machine: {string.Join(", ", _left.Take(MostNamed))}");
        }
        catch (Exception e) when (e is KubernetesApiException or IOException)
        {
            narrator.Say($"node-drain.service: pods end with the machine: {FaultText.Of(e)}");
        }
    }

    /// <summary>Opens the Node again that the machine closed when it stopped; ends once that is so.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        using KubernetesClient client = connect();
        if (await client.FindAsync(_path, cancellationToken) is { } found && DrainRule.Open(found) is { } patch)
        {
            await client.PatchAsync(_path, patch, cancellationToken);
            narrator.Say($"the Node {node} takes pods again");
        }
    }

    /// <summary>False where there is no such Node, or no other.</summary>
    private async Task<bool> CloseAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patienceWithApi);
        try
        {
            using KubernetesClient client = connect();
            if (await client.FindAsync(_path, limit.Token) is not { } found)
            {
                return false;
            }

            KubernetesList nodes = await client.ListAsync(KubernetesResource.Nodes, "", limit.Token);
            if (!DrainRule.HasOther(nodes.Items, node))
            {
                narrator.Say("node-drain.service: pods end with the machine: no other Node takes any");
                return false;
            }

            if (DrainRule.Close(found, time.GetUtcNow()) is { } patch)
            {
                await client.PatchAsync(_path, patch, limit.Token);
            }

            return true;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KubernetesApiException(0, $"no answer within {_patienceWithApi.TotalSeconds:0} s", e);
        }
    }

    private async Task EndPodsAsync(long begun, CancellationToken cancellationToken)
    {
        long heardAt = time.GetTimestamp();
        while (true)
        {
            try
            {
                if (await HaveEndedAsync(begun, cancellationToken))
                {
                    return;
                }

                heardAt = time.GetTimestamp();
            }
            catch (Exception e) when (e is KubernetesApiException or IOException
                && time.GetElapsedTime(heardAt) < _patienceWithApi)
            {
                // a master that stops too, or etcd's election: another answers soon
            }

            await Task.Delay(_pause, time, cancellationToken);
        }
    }

    private async Task<bool> HaveEndedAsync(long begun, CancellationToken cancellationToken)
    {
        using KubernetesClient client = connect();
        KubernetesObject list = await client.GetAsync(
            $"/api/v1/pods?fieldSelector={Uri.EscapeDataString($"spec.nodeName={node}")}", cancellationToken);
        KubernetesObject[] pods = [.. list.Items("items").Where(DrainRule.Ends)];
        _left = [.. pods.Select(DrainRule.Describe)];
        if (pods.Length == 0)
        {
            narrator.Say("node-drain.service: no pod is left that others replace");
            return true;
        }

        narrator.SayOnce("pods that end", $"node-drain.service: {pods.Length} pods end before the machine does");
        bool isForced = time.GetElapsedTime(begun) > _patienceWithBudgets;
        foreach (KubernetesObject pod in pods.Where(pod => !DrainRule.IsAskedToEnd(pod)))
        {
            await EndAsync(client, pod, isForced, cancellationToken);
        }

        return false;
    }

    private static async Task EndAsync(
        KubernetesClient client, KubernetesObject pod, bool isForced, CancellationToken cancellationToken)
    {
        string path = $"/api/v1/namespaces/{Uri.EscapeDataString(pod.Namespace)}/pods/{Uri.EscapeDataString(pod.Name)}";
        try
        {
            if (isForced)
            {
                await client.DeleteAsync(path, cancellationToken);
                return;
            }

            await EvictAsync(client, path, pod, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.Status == TooManyRequests || e.IsNotFound || e.IsConflict)
        {
            // a budget says "later", or it is gone: the next look sees
        }
    }

    /// <summary>In v1, which Kubernetes has since 1.22, or the beta that was before.</summary>
    private static async Task EvictAsync(
        KubernetesClient client, string path, KubernetesObject pod, CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync($"{path}/eviction", Eviction(pod, "policy/v1"), cancellationToken);
        }
        catch (KubernetesApiException e) when (e.Status is BadRequest or NotFound)
        {
            await client.CreateAsync($"{path}/eviction", Eviction(pod, "policy/v1beta1"), cancellationToken);
        }
    }

    private static JsonObject Eviction(KubernetesObject pod, string version) => new()
    {
        ["apiVersion"] = version,
        ["kind"] = "Eviction",
        ["metadata"] = new JsonObject { ["name"] = pod.Name, ["namespace"] = pod.Namespace },
    };
}
