using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// Which certificate an lb may have: its own client's and no other, where a machine that DNS names as an lb says that
/// it asks for it with this key. The signer would sign any client's name, so all that stands in a request is looked at.
/// </summary>
internal static class LbCsrRule
{
    private const string TokenUserPrefix = "system:bootstrap:";

    private static readonly string[] _allowed = ["digital signature", "key encipherment", "client auth"];
    private static readonly string[] _required = ["digital signature", "client auth"];

    /// <summary>Whether a request is one that this rule decides; who asks for others' names is left alone.</summary>
    public static bool IsMeant(KubernetesObject item, string tokenGroup) =>
        item.Text("spec", "signerName") == LbIdentity.Signer
            && IsByLb(item.Text("spec", "username"), item.Texts("spec", "groups"), tokenGroup);

    /// <param name="request">By whom and for what.</param>
    /// <param name="lbs">That DNS names.</param>
    /// <param name="claimedAt">Where among them a machine says that it asks under this name with this key.</param>
    /// <param name="tokenGroup">The group of the lbs' tokens.</param>
    /// <param name="given">How many were given under this name within an hour.</param>
    public static CsrVerdict Judge(
        CsrRequest request, PeerSet lbs, IReadOnlyList<string> claimedAt, string tokenGroup, int given) =>
        (FaultOfForm(request) ?? FaultOfRequester(request, tokenGroup)) is { } fault ? CsrVerdict.Left(fault)
        : lbs.Count == 0 ? CsrVerdict.Left("DNS names no lbs")
        : given >= CsrRule.MostGiven
            ? CsrVerdict.Left($"it was given {CsrRule.MostGiven} such certificates within an hour")
        : claimedAt is not [string address]
            ? CsrVerdict.Left(claimedAt.Count == 0
                ? $"no machine among the lbs in DNS ({lbs}) says that it asks to be {request.CommonName} with this key"
                : $"several machines say that they ask to be {request.CommonName} with this key: "
                    + string.Join(", ", claimedAt))
        : CsrVerdict.Approved($"the machine at {address}, which DNS names as an lb, asks for it");

    private static string? FaultOfForm(CsrRequest request) =>
        request.Signer != LbIdentity.Signer ? $"its signer is {request.Signer}"
        : request.CommonName.Length <= LbIdentity.UserPrefix.Length
            || !request.CommonName.StartsWith(LbIdentity.UserPrefix, StringComparison.Ordinal)
            ? $"its common name is '{request.CommonName}', which is no lb's"
        : request.Organizations is not [LbIdentity.Group]
            ? $"its organization is '{string.Join("', '", request.Organizations)}' and not {LbIdentity.Group} alone"
        : request.Oddities.Count > 0 ? $"it holds {string.Join(", ", request.Oddities)}"
        : request.Usages.Except(_allowed, StringComparer.Ordinal).Any()
            || _required.Except(request.Usages, StringComparer.Ordinal).Any()
            ? $"its usages are '{string.Join("', '", request.Usages)}'"
        : request.DnsNames.Count + request.Addresses.Count > 0 ? "a client's request holds alternative names"
        : null;

    /// <summary>An lb that has its certificate asks for its next one, and for nobody else's.</summary>
    private static string? FaultOfRequester(CsrRequest request, string tokenGroup) =>
        !IsByLb(request.User, request.Groups, tokenGroup) ? $"'{request.User}' asks for it, who is no lb"
        : request.User.StartsWith(LbIdentity.UserPrefix, StringComparison.Ordinal)
            && request.User != request.CommonName
            ? $"'{request.User}' asks for it, who is not that lb"
        : null;

    private static bool IsByLb(string user, IReadOnlyList<string> groups, string tokenGroup) =>
        (user.StartsWith(TokenUserPrefix, StringComparison.Ordinal)
            && groups.Contains(tokenGroup, StringComparer.Ordinal))
        || (user.StartsWith(LbIdentity.UserPrefix, StringComparison.Ordinal)
            && groups.Contains(LbIdentity.Group, StringComparer.Ordinal));
}
