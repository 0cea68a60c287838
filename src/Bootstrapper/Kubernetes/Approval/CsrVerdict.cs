namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// What becomes of a request for now, and why. One that is left is looked at again: DNS and Nodes change.
/// </summary>
internal sealed record CsrVerdict(bool Approve, string Reason)
{
    public static CsrVerdict Approved(string reason) => new(true, reason);

    public static CsrVerdict Left(string reason) => new(false, reason);
}
