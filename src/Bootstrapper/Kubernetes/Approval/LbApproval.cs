using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// Looks at the requests of lbs as they come, approves those that <see cref="LbCsrRule"/> lets pass, and says once why
/// it leaves another.
/// </summary>
/// <param name="connect">The API as this agent's own user.</param>
/// <param name="lbs">Those that DNS named last.</param>
/// <param name="machines">Asks them, at the port of lbs.</param>
/// <param name="tokenGroup">The group of the lbs' bootstrap tokens.</param>
/// <param name="narrator">Told each decision once.</param>
internal sealed class LbApproval(
    Func<KubernetesClient> connect, Func<CancellationToken, Task<PeerSet>> lbs, CsrClaimClient machines,
    string tokenGroup, Narrator narrator, TimeProvider time)
{
    private const string Matter = "certificate requests of lbs";

    /// <summary>Whoever has the lbs' token may make any number; those for which a machine stands come first.</summary>
    private const int MostAtOnce = 50;

    private readonly CsrDecisions _decisions = new(time);

    public Task RunAsync(CancellationToken cancellationToken) =>
        new CsrRounds(connect, narrator, time).RunAsync(JudgeAllAsync, cancellationToken);

    /// <summary>Whether a request stays undecided.</summary>
    public async Task<bool> JudgeAllAsync(IReadOnlyList<KubernetesObject> items, CancellationToken cancellationToken)
    {
        KubernetesObject[] ours = [.. items.Where(item => LbCsrRule.IsMeant(item, tokenGroup))];
        KubernetesObject[] open =
            [.. ours.Where(item => CsrRequest.IsUndecided(item) && !CsrRequest.HoldsBallast(item))];
        if (open.Length == 0)
        {
            narrator.Settle(Matter);
            return false;
        }

        PeerSet named = await lbs(cancellationToken);
        using KubernetesClient client = connect();
        CsrClaims claims = await machines.AskAsync(named.Addresses, cancellationToken);
        List<string> left = [];
        foreach (KubernetesObject item in CsrChoice.Ranked(open, claims.RequestNames).Take(MostAtOnce))
        {
            CsrVerdict verdict = Judge(item, ours, named, claims);
            if (verdict.Approve
                && await _decisions.ApproveAsync(client, item, verdict.Reason, cancellationToken) is { } fault)
            {
                verdict = CsrVerdict.Left(fault);
            }

            if (verdict.Approve)
            {
                narrator.Say($"certificate request {item.Name} of an lb approved: {verdict.Reason}");
            }
            else
            {
                left.Add($"certificate request {item.Name} of an lb left alone: {verdict.Reason}");
            }
        }

        narrator.SayOnce(Matter, left);
        return left.Count > 0;
    }

    private CsrVerdict Judge(
        KubernetesObject item, IReadOnlyList<KubernetesObject> ours, PeerSet named, CsrClaims claims)
    {
        try
        {
            CsrRequest request = CsrRequest.Read(item);
            int given = ours.Count(other =>
                CsrRequest.ApprovedAtOf(other) > time.GetUtcNow() - CsrRule.Counted
                    && Subject(other) == request.CommonName);
            return LbCsrRule.Judge(
                request, named, claims.At(request.CommonName, request.KeyDigest), tokenGroup, given);
        }
        catch (InvalidDataException e)
        {
            return CsrVerdict.Left(FaultText.Of(e));
        }
#pragma warning disable CA1031 // a bug that one request meets is no reason to leave the others
        catch (Exception e)
#pragma warning restore CA1031
        {
            return CsrVerdict.Left($"it cannot be judged ({e.GetType().Name}: {FaultText.Of(e)})");
        }
    }

    private static string Subject(KubernetesObject item)
    {
        try
        {
            return CsrRequest.Read(item).CommonName;
        }
        catch (InvalidDataException)
        {
            return "";
        }
    }
}
