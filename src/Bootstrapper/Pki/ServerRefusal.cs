using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Images.Bootstrapper.Pki;

/// <summary>Why a server's certificate is not accepted.</summary>
/// <param name="Reason">In words.</param>
/// <param name="Begin">When it begins, where it is refused for nothing but that it begins later than now.</param>
internal sealed record ServerRefusal(string Reason, DateTimeOffset? Begin)
{
    /// <param name="errors">What was found wrong.</param>
    /// <param name="host">The name or address that it must bear.</param>
    /// <param name="shown">The server's certificate; null for none.</param>
    /// <param name="chain">As it was built, with the time by which it was judged.</param>
    /// <param name="authorities">Those that may have signed it, after "is no authority".</param>
    public static ServerRefusal Of(
        SslPolicyErrors errors,
        string host,
        X509Certificate2? shown,
        X509Chain? chain,
        string authorities = "of the metadata for this")
    {
        X509ChainStatusFlags faults = chain?.ChainStatus.Aggregate(
            X509ChainStatusFlags.NoError, (all, status) => all | status.Status)
            ?? X509ChainStatusFlags.NoError;
        if (shown is null || chain is null)
        {
            return new ServerRefusal("there is none", null);
        }

        if (errors == SslPolicyErrors.RemoteCertificateChainErrors && faults == X509ChainStatusFlags.NotTimeValid)
        {
            DateTimeOffset begin = new(shown.NotBefore),
                now = new(chain.ChainPolicy.VerificationTime.ToUniversalTime());
            return begin > now
                ? new ServerRefusal(
                    $"it begins at {ClockWait.Text(begin)}, and it is {ClockWait.Text(now)} here", begin)
                : new ServerRefusal(
                    $"it, or its authority, ended before {ClockWait.Text(now)}, which it is here", null);
        }

        return new ServerRefusal(
            errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"it does not bear the name {host}"
            : faults.HasFlag(X509ChainStatusFlags.UntrustedRoot) || faults.HasFlag(X509ChainStatusFlags.PartialChain)
                ? $"{shown.Issuer}, which signed it, is no authority {authorities}"
            : $"{faults}",
            null);
    }
}
