using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// What every certificate of the cluster is judged by: for its usage, at the time by the clock but never before the
/// image was made.
/// </summary>
internal static class ChainTrust
{
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>
    /// Believes nobody yet: the authorities are added to its <see cref="X509ChainPolicy.CustomTrustStore"/>.
    /// </summary>
    public static X509ChainPolicy For(string usage, TimeProvider clock, DateTimeOffset clockFloor)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime =
                (clock.GetUtcNow() is DateTimeOffset now && now > clockFloor ? now : clockFloor).UtcDateTime,
        };
        policy.ApplicationPolicy.Add(new Oid(usage));
        return policy;
    }
}
