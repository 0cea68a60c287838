using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// Which certificates a machine may have. Whatever is no request of a kubelet in exactly the form in which kubelets ask
/// is left alone; the folder's README says what is proven and what is not.
/// </summary>
internal static class CsrRule
{
    public const string NodeUserPrefix = "system:node:";
    public const string NodesGroup = "system:nodes";

    /// <summary>
    /// So many certificates of a kind a Node may have within <see cref="Counted"/>. A kubelet wants one in weeks, and
    /// each that is given stays in etcd for an hour.
    /// </summary>
    public const int MostGiven = 20;

    private const string TokenUserPrefix = "system:bootstrap:";
    private const string DigitalSignature = "digital signature";
    private const string KeyEncipherment = "key encipherment";

    /// <summary>How long a name that a machine was given is kept for it until its Node is heard of.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    /// <summary>How long the controller manager keeps a request that was approved.</summary>
    public static readonly TimeSpan Counted = TimeSpan.FromHours(1);

    /// <summary>The name that is asked for; empty when the subject is not that of a node.</summary>
    public static string NodeName(CsrRequest request) =>
        request.CommonName.StartsWith(NodeUserPrefix, StringComparison.Ordinal)
            ? request.CommonName[NodeUserPrefix.Length..]
            : "";

    /// <summary>Whether a decision needs the word of the machine itself: it has nothing but a token yet.</summary>
    public static bool NeedsClaim(CsrRequest request, string tokenGroup) =>
        request.Signer == CsrRequest.ClientSigner && IsByToken(request.User, request.Groups, tokenGroup);

    /// <summary>The same, before what is in it has been read.</summary>
    public static bool NeedsClaim(KubernetesObject item, string tokenGroup) =>
        item.Text("spec", "signerName") == CsrRequest.ClientSigner
            && IsByToken(item.Text("spec", "username"), item.Texts("spec", "groups"), tokenGroup);

    public static CsrVerdict Judge(CsrRequest request, CsrFacts facts, string tokenGroup) =>
        (FaultOfForm(request) ?? FaultOfName(request, facts, tokenGroup)) is string fault ? CsrVerdict.Left(fault)
        : request.Signer == CsrRequest.ServingSigner ? JudgeServing(request, facts)
        : NeedsClaim(request, tokenGroup) ? JudgeNewcomer(request, facts)
        : JudgeRenewal(request, facts);

    private static bool IsByToken(string user, IReadOnlyList<string> groups, string tokenGroup) =>
        user.StartsWith(TokenUserPrefix, StringComparison.Ordinal)
            && groups.Contains(tokenGroup, StringComparer.Ordinal);

    private static string? FaultOfForm(CsrRequest request)
    {
        string usage = request.Signer == CsrRequest.ServingSigner ? "server auth" : "client auth";
        string[] allowed = [DigitalSignature, KeyEncipherment, usage];
        string[] required = [DigitalSignature, usage];
        return NodeName(request).Length == 0 ? $"its common name is '{request.CommonName}', which is no node's"
            : request.Organizations is not [NodesGroup]
                ? $"its organization is '{string.Join("', '", request.Organizations)}' and not {NodesGroup} alone"
            : request.Oddities.Count > 0 ? $"it holds {string.Join(", ", request.Oddities)}"
            : request.Usages.Except(allowed, StringComparer.Ordinal).Any()
                || required.Except(request.Usages, StringComparer.Ordinal).Any()
                ? $"its usages are '{string.Join("', '", request.Usages)}'"
            : request.Signer == CsrRequest.ClientSigner && request.DnsNames.Count + request.Addresses.Count > 0
                ? "a client's request holds alternative names"
            : null;
    }

    private static string? FaultOfName(CsrRequest request, CsrFacts facts, string tokenGroup) => facts.Reserved.Fault(
        NodeName(request),
        NeedsClaim(request, tokenGroup)
            ? facts.ClaimedAt
            : facts.StandsAt);

    private static CsrVerdict JudgeNewcomer(CsrRequest request, CsrFacts facts)
    {
        string name = NodeName(request);
        CsrNode? node = facts.Nodes.FirstOrDefault(node => node.Name == name);
        return node is { IsLive: true }
            ? CsrVerdict.Left($"a live Node has the name {name} ({string.Join(", ", node.InternalAddresses)})")
            : facts.Workers.Count == 0 ? CsrVerdict.Left("DNS names no workers")
            : facts.ClaimedAt is not [string address] ? CsrVerdict.Left(DescribeClaims(name, facts))
            : WhoWasGiven(name, request, node, facts) is CsrRequest given
                ? CsrVerdict.Left(
                    $"request {given.Name} was approved for the Node {name} at {given.ApprovedAt:HH:mm:ss} UTC, and it "
                        + $"has not been heard of since; the name is kept for it for {Kept.TotalMinutes:0} minutes")
            : CsrVerdict.Approved($"the machine at {address}, which DNS names as a worker, asks for it");
    }

    /// <summary>Two machines of one host name may ask at the same time, and neither is a Node yet.</summary>
    private static CsrRequest? WhoWasGiven(string name, CsrRequest request, CsrNode? node, CsrFacts facts) =>
        facts.Newcomers.FirstOrDefault(other =>
            other.ApprovedAt is { } approved
                && NodeName(other) == name
                && other.KeyDigest != request.KeyDigest
                && approved > facts.Now - Kept
                && !(node?.HeardOfAt >= approved));

    private static string DescribeClaims(string name, CsrFacts facts) => facts.ClaimedAt.Count == 0
        ? $"no machine among the workers in DNS ({facts.Workers}) says that it asks to be {name} with this key"
        : $"several machines say that they ask to be {name} with this key: {string.Join(", ", facts.ClaimedAt)}";

    /// <summary>A node that has a certificate asks for the next one.</summary>
    private static CsrVerdict JudgeRenewal(CsrRequest request, CsrFacts facts)
    {
        if (FaultOfRequester(request, facts) is string fault)
        {
            return CsrVerdict.Left(fault);
        }

        CsrNode node = facts.Nodes.First(candidate => candidate.Name == NodeName(request));
        string[] named = [.. node.InternalAddresses.Where(facts.Workers.Contains)];
        return node.InternalAddresses.Count == 0 ? CsrVerdict.Left("its Node has not said its address yet")
            : named.Length == 0
                ? CsrVerdict.Left(
                    $"DNS does not name {string.Join(", ", node.InternalAddresses)} as a worker ({facts.Workers})")
            : FaultOfPlace(node.Name, named, facts) is string elsewhere ? CsrVerdict.Left(elsewhere)
            : CsrVerdict.Approved(
                "the node itself asks for its next certificate, and its machine stands at "
                    + string.Join(", ", named.Where(IsItsOwn(facts))));
    }

    private static CsrVerdict JudgeServing(CsrRequest request, CsrFacts facts)
    {
        if (FaultOfRequester(request, facts) is string fault)
        {
            return CsrVerdict.Left(fault);
        }

        string name = NodeName(request);
        CsrNode node = facts.Nodes.First(candidate => candidate.Name == name);
        string[] strange =
        [
            .. request.DnsNames.Where(dnsName => dnsName != name),
            .. request.Addresses.Where(address => !node.InternalAddresses.Contains(address, StringComparer.Ordinal)),
        ];
        return strange.Length > 0
            ? CsrVerdict.Left(
                $"it names {string.Join(", ", strange)}, "
                    + $"and its Node is {name} ({string.Join(", ", node.InternalAddresses)})")
            : request.Addresses.Count == 0 ? CsrVerdict.Left("it names no address")
            : request.Addresses.FirstOrDefault(address => !facts.Workers.Contains(address)) is string unknown
                ? CsrVerdict.Left($"DNS does not name {unknown} as a worker ({facts.Workers})")
            : request.Addresses.FirstOrDefault(address => !IsItsOwn(facts)(address)) is string others
                ? CsrVerdict.Left(FaultOfPlace(name, [others], facts)!)
            : CsrVerdict.Approved("the node itself asks for it, for its own name and addresses");
    }

    private static Func<string, bool> IsItsOwn(CsrFacts facts) =>
        address => facts.StandsAt.Contains(address, StringComparer.Ordinal);

    private static string? FaultOfPlace(string node, string[] addresses, CsrFacts facts) =>
        addresses.Any(IsItsOwn(facts))
            ? null
            : $"no machine at {string.Join(", ", addresses)} says that it is {node}";

    private static string? FaultOfRequester(CsrRequest request, CsrFacts facts) =>
        request.User != request.CommonName || !request.Groups.Contains(NodesGroup, StringComparer.Ordinal)
            ? $"'{request.User}' asks for it, who is not that node"
        : facts.Workers.Count == 0 ? "DNS has named no workers yet"
        : facts.Nodes.All(node => node.Name != NodeName(request)) ? "there is no Node of that name"
        : facts.Given.Count(given => given == (request.User, request.Signer)) >= MostGiven
            ? $"it was given {MostGiven} such certificates within an hour"
        : null;
}
