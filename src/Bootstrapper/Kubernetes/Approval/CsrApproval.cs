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
/// <param name="machines">Asks them.</param>
/// <param name="reserved">What no Node may be called.</param>
/// <param name="tokenGroup">The group of the workers' bootstrap tokens.</param>
/// <param name="narrator">Told each decision once.</param>
/// <param name="time">Of pauses, and what stands in a decision.</param>
internal sealed class CsrApproval(
    Func<KubernetesClient> connect, IReadOnlyList<PeerWatch> workers, CsrClaimClient machines, ReservedNames reserved,
    string tokenGroup, Narrator narrator, TimeProvider time)
{
    /// <summary>
    /// The type of a condition that Kubernetes does not know, and so leaves: its message says why the request waits.
    /// </summary>
    public const string LeftAlone = "LeftAlone";

    private const string Matter = "certificate requests";

    /// <summary>Of one user at a time; the console is for people.</summary>
    private const int MostNamed = 8;

    private static readonly TimeSpan _again = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _whenIdle = TimeSpan.FromMinutes(5);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ChangeSignal signal = new(time);
        ResourceWatch requests = new(connect, CsrRequest.Resource, signal.Set, narrator, time);
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
        HashSet<string> openNames = [.. items.Where(IsOpen).Select(item => item.Name)];
        if (openNames.Count == 0)
        {
            narrator.Settle(Matter);
            return false;
        }

        using KubernetesClient client = connect();

        // the watch may lag behind what another master has approved by now
        KubernetesList requests = await client.ListAsync(CsrRequest.Resource, "", cancellationToken);
        ILookup<bool, KubernetesObject> byToken = requests.Items
            .Where(item => openNames.Contains(item.Name) && IsOpen(item))
            .ToLookup(item => CsrRule.NeedsClaim(item, tokenGroup));
        CsrFacts facts = await FactsAsync(client, requests.Items, cancellationToken);

        // those of Nodes first: to ask all machines, some of which are silent, takes its time
        List<(KubernetesObject Item, string Reason)> left = [];
        CsrChoice ofNodes = CsrChoice.Of(byToken[false], new HashSet<string>());
        await DecideAsync(client, ofNodes, facts, CsrClaims.None, left, cancellationToken);
        CsrClaims claims = byToken[true].Any()
            ? await machines.AskAsync(facts.Workers.Addresses, cancellationToken)
            : CsrClaims.None;
        CsrChoice newcomers = CsrChoice.Of(byToken[true], claims.RequestNames);
        await DecideAsync(client, newcomers, facts, claims, left, cancellationToken);
        Say(left, [.. ofNodes.CrowdedUsers, .. newcomers.CrowdedUsers], facts.Workers.Count);
        return left.Count + ofNodes.CrowdedUsers.Count + newcomers.CrowdedUsers.Count > 0;
    }

    private static bool IsOpen(KubernetesObject item) =>
        CsrRequest.IsForKubelets(item)
            && item.Items("status", "conditions").All(condition => condition.Text("type") == LeftAlone);

    /// <summary>Why masters leave a request that they have not decided; null where they do not say.</summary>
    public static string? WhyLeft(KubernetesObject item) => item.Items("status", "conditions")
        .FirstOrDefault(condition => condition.Text("type") == LeftAlone)?.Text("message");

    private async Task<CsrFacts> FactsAsync(
        KubernetesClient client, IReadOnlyList<KubernetesObject> requests, CancellationToken cancellationToken)
    {
        KubernetesList nodes = await client.ListAsync(KubernetesResource.Nodes, "", cancellationToken);
        List<string> addresses = [];
        foreach (PeerWatch watch in workers)
        {
            addresses.AddRange((await watch.AskAsync(cancellationToken)).Good.Addresses);
        }

        DateTimeOffset now = time.GetUtcNow();
        return new CsrFacts
        {
            Workers = PeerSet.Parse(addresses),
            Nodes = [.. nodes.Items.Select(CsrNode.Read)],
            ClaimedAt = [],
            Newcomers = [.. requests.Where(item => IsOfLate(item, now)).Select(ReadNewcomer).OfType<CsrRequest>()],
            Reserved = reserved,
            Now = now,
        };
    }

    /// <summary>Approved not long ago, so that its name may be kept. Only masters can make it so.</summary>
    private static bool IsOfLate(KubernetesObject item, DateTimeOffset now) =>
        CsrRequest.ApprovedAtOf(item) is { } approved && approved > now - CsrRule.Kept;

    private CsrRequest? ReadNewcomer(KubernetesObject item)
    {
        try
        {
            return CsrRule.NeedsClaim(item, tokenGroup) ? CsrRequest.Read(item) : null;
        }
        catch (InvalidDataException)
        {
            return null; // somebody else's decision
        }
    }

    private async Task DecideAsync(
        KubernetesClient client, CsrChoice choice, CsrFacts facts, CsrClaims claims,
        List<(KubernetesObject, string)> left, CancellationToken cancellationToken)
    {
        foreach (KubernetesObject item in choice.Requests)
        {
            (CsrVerdict verdict, CsrRequest? request) = Judge(item, facts, claims);
            if (verdict.Approve && await ApproveAsync(client, item, verdict.Reason, cancellationToken) is string fault)
            {
                verdict = CsrVerdict.Left(fault);
            }

            if (!verdict.Approve)
            {
                left.Add((item, verdict.Reason));
                if (request is not null && claims.At(CsrRule.NodeName(request), request.KeyDigest).Count > 0)
                {
                    await TellAsync(client, item, verdict.Reason, cancellationToken);
                }

                continue;
            }

            narrator.Say($"{Described(item)} approved: {verdict.Reason}");
            if (request is not null && CsrRule.NeedsClaim(request, tokenGroup))
            {
                facts = facts with { Newcomers = [.. facts.Newcomers, request with { ApprovedAt = facts.Now }] };
            }
        }
    }

    /// <summary>Each by itself: what one holds must not keep another waiting.</summary>
    private (CsrVerdict Verdict, CsrRequest? Request) Judge(KubernetesObject item, CsrFacts facts, CsrClaims claims)
    {
        try
        {
            CsrRequest request = CsrRequest.Read(item);
            IReadOnlyList<string> claimedAt = claims.At(CsrRule.NodeName(request), request.KeyDigest);
            return (CsrRule.Judge(request, facts with { ClaimedAt = claimedAt }, tokenGroup), request);
        }
        catch (InvalidDataException e)
        {
            return (CsrVerdict.Left(e.Message), null);
        }
#pragma warning disable CA1031 // a bug that one request meets is no reason to leave the others
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (CsrVerdict.Left($"it cannot be judged ({e.GetType().Name}: {e.Message})"), null);
        }
    }

    /// <summary>Null when it is approved, or another master was quicker; else why it stays.</summary>
    private async Task<string?> ApproveAsync(
        KubernetesClient client, KubernetesObject item, string reason, CancellationToken cancellationToken)
    {
        string path = KubernetesResource.CertificateSigningRequests.One(item.Name);
        try
        {
            // the list holds only what a decision needs; what is written back is the whole, as it was judged
            KubernetesObject whole = await client.GetAsync(path, cancellationToken);
            if (!IsOpen(whole))
            {
                return null;
            }

            if (whole.ResourceVersion != item.ResourceVersion)
            {
                return "it has changed meanwhile";
            }

            JsonObject approved = WithCondition(whole, "Approved", "ApprovedByImagesAgent", reason);
            await client.ReplaceAsync($"{path}/approval", approved, cancellationToken);
            return null;
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return null; // another master was quicker, or the request is gone
        }
        catch (KubernetesApiException e) when (e.Status != 0)
        {
            return $"the API refuses its approval: {e.Message}";
        }
    }

    /// <summary>
    /// Tells the machine that stands for a request why it waits: it can read its request and nothing else. Nobody
    /// else's is written to, for a request with a condition is not cleared away when it has waited for a day.
    /// </summary>
    private async Task TellAsync(
        KubernetesClient client, KubernetesObject item, string reason, CancellationToken cancellationToken)
    {
        reason = reason.Length <= CsrRequest.LongestText ? reason : reason[..CsrRequest.LongestText];
        if (WhyLeft(item) == reason)
        {
            return;
        }

        string path = KubernetesResource.CertificateSigningRequests.One(item.Name);
        try
        {
            KubernetesObject whole = await client.GetAsync(path, cancellationToken);
            if (IsOpen(whole) && WhyLeft(whole) != reason)
            {
                JsonObject told = WithCondition(whole, LeftAlone, "LeftByImagesAgent", reason);
                await client.ReplaceAsync($"{path}/approval", told, cancellationToken);
            }
        }
        catch (KubernetesApiException)
        {
            // another master was quicker, or the request is gone; the console has the reason
        }
    }

    private JsonObject WithCondition(KubernetesObject whole, string type, string word, string reason)
    {
        JsonObject decided = whole.Json.DeepClone().AsObject();
        string now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        decided["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = type,
                ["status"] = "True",
                ["reason"] = word,
                ["message"] = reason,
                ["lastUpdateTime"] = now,
            }),
        };
        return decided;
    }

    private void Say(List<(KubernetesObject Item, string Reason)> left, string[] crowded, int addresses)
    {
        List<string> lines = [];
        foreach (IGrouping<string, (KubernetesObject Item, string Reason)> ofUser in left.GroupBy(
            item => item.Item.Text("spec", "username"), StringComparer.Ordinal))
        {
            lines.AddRange(
                ofUser.Take(MostNamed).Select(item => $"{Described(item.Item)} left alone: {item.Reason}"));
            if (ofUser.Count() > MostNamed)
            {
                lines.Add(
                    $"certificate requests of {ofUser.Key}: more than {MostNamed} are left alone; "
                        + "'kubectl get csr' lists them");
            }
        }

        lines.AddRange(crowded.Select(user =>
            $"certificate requests of {user}: {CsrChoice.MostOfOneUser} are looked at in a round, and more are open; "
                + "'kubectl delete csr' removes what nobody should have made"));
        if (addresses > CsrClaimClient.MostAddresses)
        {
            lines.Add($"DNS names more than {CsrClaimClient.MostAddresses} workers; the others are not asked");
        }

        narrator.SayOnce(Matter, lines);
    }

    private static string Described(KubernetesObject item) =>
        $"certificate request {item.Name} of {item.Text("spec", "username")}";
}
