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
/// <param name="time">Of pauses, and what stands in a _decisions.</param>
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

    /// <summary>A kubelet tells one; it may write any number.</summary>
    private const int MostAddressesOfNode = 8;

    private const int RemovedAtOnce = 8;

    private readonly CsrDecisions _decisions = new(time);

    public Task RunAsync(CancellationToken cancellationToken) =>
        new CsrRounds(connect, narrator, time).RunAsync(JudgeAllAsync, cancellationToken);

    /// <summary>Whether a request stays undecided.</summary>
    public async Task<bool> JudgeAllAsync(IReadOnlyList<KubernetesObject> items, CancellationToken cancellationToken)
    {
        HashSet<string> openNames = [.. items.Where(IsOpen).Select(item => item.Name)];
        if (openNames.Count == 0 && CsrSurplus.Of(items, CsrClaims.None.RequestNames, tokenGroup).Count == 0)
        {
            narrator.Settle(Matter);
            return false;
        }

        using KubernetesClient client = connect();

        // the watch may lag behind what another master has approved by now
        KubernetesList requests = await client.ListAsync(CsrRequest.Resource, "", cancellationToken);
        ILookup<bool, KubernetesObject> byToken = requests.Items
            .Where(item => openNames.Contains(item.Name) && IsOpen(item) && !CsrRequest.HoldsBallast(item))
            .ToLookup(item => CsrRule.NeedsClaim(item, tokenGroup));
        CsrFacts facts = await FactsAsync(client, requests.Items, cancellationToken);

        // those of Nodes first: to ask all machines, some of which are silent, takes its time
        List<(KubernetesObject Item, string Reason)> left = [];
        CsrChoice ofNodes = CsrChoice.Of(byToken[false], new HashSet<string>());
        IReadOnlyList<string> asked = AddressesOf(ofNodes, facts);
        CsrClaims claims = await machines.AskAsync(asked, cancellationToken);
        await DecideAsync(client, ofNodes, facts, claims, left, cancellationToken);
        if (byToken[true].Any())
        {
            IEnumerable<string> others = facts.Workers.Addresses.Except(asked, StringComparer.Ordinal);
            claims = claims.With(await machines.AskAsync([.. others], cancellationToken));
        }

        CsrChoice newcomers = CsrChoice.Of(byToken[true], claims.RequestNames);
        await DecideAsync(client, newcomers, facts, claims, left, cancellationToken);
        IReadOnlyList<KubernetesObject> surplus = CsrSurplus.Of(requests.Items, claims.RequestNames, tokenGroup);
        string? kept = await RemoveAsync(client, surplus, cancellationToken);
        HashSet<string> removed = kept is null ? [.. surplus.Select(item => item.Name)] : [];
        left.RemoveAll(item => removed.Contains(item.Item.Name));
        Say(left, surplus, kept, facts.Workers.Count);
        return left.Count + surplus.Count > 0;
    }

    /// <summary>Where those may stand that ask as a Node.</summary>
    private static IReadOnlyList<string> AddressesOf(CsrChoice choice, CsrFacts facts)
    {
        HashSet<string> users =
            [.. choice.Requests.Select(item => item.Text("spec", "username"))];
        return
        [
            .. facts.Nodes.Where(node => users.Contains(CsrRule.NodeUserPrefix + node.Name))
                .SelectMany(node => node.InternalAddresses.Where(facts.Workers.Contains).Take(MostAddressesOfNode))
                .Distinct(StringComparer.Ordinal),
        ];
    }

    private static bool IsOpen(KubernetesObject item) =>
        CsrRequest.IsForKubelets(item) && CsrRequest.IsUndecided(item);

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
            Newcomers =
            [
                .. requests.Where(item => IsSince(item, now - CsrRule.Kept)).Select(ReadNewcomer).OfType<CsrRequest>(),
            ],
            Given =
            [
                .. requests.Where(item => IsSince(item, now - CsrRule.Counted))
                    .Select(item => (item.Text("spec", "username"), item.Text("spec", "signerName"))),
            ],
            Reserved = reserved,
            Now = now,
        };
    }

    /// <summary>Whether it was approved after a moment. Only masters can make it so.</summary>
    private static bool IsSince(KubernetesObject item, DateTimeOffset moment) =>
        CsrRequest.ApprovedAtOf(item) is { } approved && approved > moment;

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
            if (verdict.Approve
                && await _decisions.ApproveAsync(client, item, verdict.Reason, cancellationToken) is string fault)
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
            facts = request is null ? facts
                : CsrRule.NeedsClaim(request, tokenGroup)
                    ? facts with { Newcomers = [.. facts.Newcomers, request with { ApprovedAt = facts.Now }] }
                : facts with { Given = [.. facts.Given, (request.User, request.Signer)] };
        }
    }

    /// <summary>Each by itself: what one holds must not keep another waiting.</summary>
    private (CsrVerdict Verdict, CsrRequest? Request) Judge(KubernetesObject item, CsrFacts facts, CsrClaims claims)
    {
        try
        {
            CsrRequest request = CsrRequest.Read(item);
            string name = CsrRule.NodeName(request);
            CsrFacts all = facts with { ClaimedAt = claims.At(name, request.KeyDigest), StandsAt = claims.Of(name) };
            return (CsrRule.Judge(request, all, tokenGroup), request);
        }
        catch (InvalidDataException e)
        {
            return (CsrVerdict.Left(FaultText.Of(e)), null);
        }
#pragma warning disable CA1031 // a bug that one request meets is no reason to leave the others
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (CsrVerdict.Left($"it cannot be judged ({e.GetType().Name}: {FaultText.Of(e)})"), null);
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
                JsonObject told = _decisions.With(whole, LeftAlone, "LeftByImagesAgent", reason);
                await client.ReplaceAsync($"{path}/approval", told, cancellationToken);
            }
        }
        catch (KubernetesApiException)
        {
            // another master was quicker, or the request is gone; the console has the reason
        }
    }

    /// <summary>Null when all are gone; else why one is not.</summary>
    private static async Task<string?> RemoveAsync(
        KubernetesClient client, IReadOnlyList<KubernetesObject> requests, CancellationToken cancellationToken)
    {
        string? fault = null;
        await Parallel.ForEachAsync(
            requests,
            new ParallelOptions { MaxDegreeOfParallelism = RemovedAtOnce, CancellationToken = cancellationToken },
            async (item, limit) =>
            {
                string path = KubernetesResource.CertificateSigningRequests.One(item.Name);
                try
                {
                    if (CsrRequest.HoldsBallast(item)) // with finalizers it would stay for ever
                    {
                        await client.PatchAsync(
                            path, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }, limit);
                    }

                    await client.DeleteAsync(path, limit);
                }
                catch (KubernetesApiException e) when (e.IsNotFound)
                {
                    // another master was quicker
                }
                catch (KubernetesApiException e) when (e.Status != 0)
                {
                    fault = e.Message;
                }
            });
        return fault;
    }

    private void Say(
        List<(KubernetesObject Item, string Reason)> left, IReadOnlyList<KubernetesObject> surplus, string? kept,
        int addresses)
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

        lines.AddRange(surplus.Select(item => item.Text("spec", "username"))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(user => $"certificate requests of {user}: more than {CsrChoice.MostOfOneUser} are open, "
                + "or some hold what no kubelet's does; "
                + (kept is null
                    ? "such are removed, last those for which a machine stands"
                    : $"such cannot be removed: {kept}")));
        if (addresses > CsrClaimClient.MostAddresses)
        {
            lines.Add($"DNS names more than {CsrClaimClient.MostAddresses} workers; the others are not asked");
        }

        narrator.SayOnce(Matter, lines);
    }

    private static string Described(KubernetesObject item) =>
        $"certificate request {item.Name} of {item.Text("spec", "username")}";
}
