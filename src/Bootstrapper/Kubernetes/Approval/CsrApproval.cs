using System.Globalization;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// Looks at the requests of kubelets as they come, approves those that <see cref="CsrRule"/> lets pass, and says once
/// why it leaves another.
/// </summary>
/// <param name="connect">The API as this agent's own user.</param>
/// <param name="workers">Ask for the workers in DNS, one for each of their names.</param>
/// <param name="claims">Asks the machines.</param>
/// <param name="reserved">What no Node may be called.</param>
/// <param name="tokenGroup">The group of the workers' bootstrap tokens.</param>
/// <param name="narrator">Told each decision once.</param>
/// <param name="time">Of pauses, and what stands in a decision.</param>
internal sealed class CsrApproval(
    Func<KubernetesClient> connect, IReadOnlyList<PeerWatch> workers, CsrClaimClient claims, ReservedNames reserved,
    string tokenGroup, Narrator narrator, TimeProvider time)
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _whenIdle = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ChangeSignal signal = new(time);
        ResourceWatch requests = new(
            connect, KubernetesResource.CertificateSigningRequests, signal.Set, narrator, time);
        await await Task.WhenAny(requests.RunAsync(cancellationToken), JudgeAsync(requests, signal, cancellationToken));
    }

    private async Task JudgeAsync(ResourceWatch requests, ChangeSignal signal, CancellationToken cancellationToken)
    {
        while (true)
        {
            bool anyLeft = false;
            try
            {
                anyLeft = await JudgeAllAsync(requests.Objects ?? [], cancellationToken);
            }
            catch (Exception e) when (e is KubernetesApiException or IOException)
            {
                anyLeft = true; // the watch says what is wrong with the API
            }

            await signal.WaitAsync(anyLeft ? _again : _whenIdle, cancellationToken);
        }
    }

    /// <summary>Whether a request stays undecided.</summary>
    public async Task<bool> JudgeAllAsync(IReadOnlyList<KubernetesObject> items, CancellationToken cancellationToken)
    {
        Forget(items);
        KubernetesObject[] open =
            [.. items.Where(item => CsrRequest.IsForKubelets(item) && item.Items("status", "conditions").Count == 0)];
        if (open.Length == 0)
        {
            return false;
        }

        using KubernetesClient client = connect();

        // the watch may lag behind what another master has approved by now
        KubernetesList requests = await client.ListAsync(
            KubernetesResource.CertificateSigningRequests.Path, "", cancellationToken);
        HashSet<string> openNames = [.. open.Select(item => item.Name)];
        open =
        [
            .. requests.Items
                .Where(item => openNames.Contains(item.Name) && item.Items("status", "conditions").Count == 0)
                .OrderBy(item => item.Text("metadata", "creationTimestamp"), StringComparer.Ordinal)
                .ThenBy(item => item.Name, StringComparer.Ordinal),
        ];
        KubernetesList nodes = await client.ListAsync(KubernetesResource.Nodes.Path, "", cancellationToken);
        List<string> addresses = [];
        foreach (PeerWatch watch in workers)
        {
            addresses.AddRange((await watch.AskAsync(cancellationToken)).Good.Addresses);
        }

        List<CsrRequest> newcomers = [.. requests.Items.Select(ReadNewcomer).OfType<CsrRequest>()];
        CsrFacts facts = new()
        {
            Workers = PeerSet.Parse(addresses),
            Nodes = [.. nodes.Items.Select(CsrNode.Read)],
            ClaimedAt = [],
            Newcomers = newcomers,
            Reserved = reserved,
            Now = time.GetUtcNow(),
        };
        bool anyLeft = false;
        foreach (KubernetesObject item in open) // the oldest first, so that all masters give a name to the same one
        {
            if (!await DecideAsync(client, item, facts, cancellationToken))
            {
                anyLeft = true;
            }
            else if (newcomers.FindIndex(newcomer => newcomer.Name == item.Name) is int index and >= 0)
            {
                newcomers[index] = newcomers[index] with { ApprovedAt = facts.Now };
            }
        }

        return anyLeft;
    }

    private CsrRequest? ReadNewcomer(KubernetesObject item)
    {
        try
        {
            return CsrRequest.IsForKubelets(item)
                && CsrRequest.Read(item) is { } request
                && CsrRule.NeedsClaim(request, tokenGroup)
                ? request
                : null;
        }
        catch (InvalidDataException)
        {
            return null; // said when it is judged
        }
    }

    private async Task<bool> DecideAsync(
        KubernetesClient client, KubernetesObject item, CsrFacts facts, CancellationToken cancellationToken)
    {
        CsrVerdict verdict = await JudgeAsync(item, facts, cancellationToken);
        if (verdict.Approve)
        {
            await ApproveAsync(client, item, verdict.Reason, cancellationToken);
        }

        Say(item, verdict);
        return verdict.Approve;
    }

    private async Task<CsrVerdict> JudgeAsync(
        KubernetesObject item, CsrFacts facts, CancellationToken cancellationToken)
    {
        try
        {
            CsrRequest request = CsrRequest.Read(item);
            IReadOnlyList<string> claimedAt = CsrRule.NeedsClaim(request, tokenGroup)
                ? await claims.FindAsync(
                    facts.Workers.Addresses, CsrRule.NodeName(request), request.KeyDigest, cancellationToken)
                : [];
            return CsrRule.Judge(request, facts with { ClaimedAt = claimedAt }, tokenGroup);
        }
        catch (InvalidDataException e)
        {
            return CsrVerdict.Left(e.Message);
        }
    }

    private async Task ApproveAsync(
        KubernetesClient client, KubernetesObject item, string reason, CancellationToken cancellationToken)
    {
        JsonObject approved = item.Json.DeepClone().AsObject();
        string now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        approved["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Approved",
                ["status"] = "True",
                ["reason"] = "ApprovedByImagesAgent",
                ["message"] = reason,
                ["lastUpdateTime"] = now,
            }),
        };
        try
        {
            await client.ReplaceAsync(
                $"{KubernetesResource.CertificateSigningRequests.One(item.Name)}/approval", approved,
                cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // another master was quicker, or the request is gone
        }
    }

    private void Say(KubernetesObject item, CsrVerdict verdict)
    {
        string line = $"certificate request {item.Name} of {item.Text("spec", "username")} "
            + $"{(verdict.Approve ? "approved" : "left alone")}: {verdict.Reason}";
        if (!_said.TryGetValue(item.Name, out string? before) || before != line)
        {
            _said[item.Name] = line;
            narrator.Say(line);
        }
    }

    private void Forget(IReadOnlyList<KubernetesObject> items)
    {
        foreach (string name in _said.Keys.Except(items.Select(item => item.Name), StringComparer.Ordinal).ToArray())
        {
            _said.Remove(name);
        }
    }
}
