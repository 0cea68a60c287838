using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Images.NodeConfig.Metadata;

/// <summary>
/// Whether an authority can serve: found when metadata is read, a mistake is one line on the console; found later, it
/// is a TLS error between two machines.
/// </summary>
internal static class AuthorityCheck
{
    private const string OnlyEcdsa = "only ECDSA authorities can sign here";

    /// <summary>What is wrong, and whether the key is to blame; null when nothing is.</summary>
    public static (string Problem, bool OfKey)? Fault(ClusterAuthority authority)
    {
        using X509Certificate2? certificate = Read(authority.Certificate);
        if (certificate is null)
        {
            return ("the certificate cannot be read", false);
        }

        if (authority.Key is null)
        {
            return null;
        }

        using ECDsa? given = certificate.GetECDsaPublicKey();
        if (given is null)
        {
            return ($"the certificate's key is {certificate.PublicKey.Oid.FriendlyName}; {OnlyEcdsa}", false);
        }

        using ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(authority.Key.Reveal());
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return ($"the key cannot be read: it must be PEM and unencrypted, and {OnlyEcdsa}", true);
        }

        return key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(given.ExportSubjectPublicKeyInfo())
            ? null
            : ("certificate and key do not belong together", true);
    }

    private static X509Certificate2? Read(string pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
