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

        if (PublicKeyOf(certificate, out string problem) is not { } given)
        {
            return ($"the certificate's key {problem}; {OnlyEcdsa}", false);
        }

        if (PublicKeyOf(authority.Key) is not { } own)
        {
            return ($"the key cannot be read: it must be PEM and unencrypted, and {OnlyEcdsa}", true);
        }

        return own.AsSpan().SequenceEqual(given) ? null : ("certificate and key do not belong together", true);
    }

    /// <summary>The first certificate of a text, in lines of 64 characters; null where it is none.</summary>
    public static string? CertificatePem(ReadOnlySpan<char> pem)
    {
        using X509Certificate2? certificate = Read(pem);
        return certificate is null ? null : certificate.ExportCertificatePem() + "\n";
    }

    /// <summary>
    /// What .NET throws at keys and certificates that are none: of another form, of a curve that nobody knows, damaged.
    /// </summary>
    internal static bool IsOfTheInput(Exception fault) =>
        fault is CryptographicException or ArgumentException or PlatformNotSupportedException;

    private static X509Certificate2? Read(ReadOnlySpan<char> pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(pem);
        }
        catch (Exception e) when (IsOfTheInput(e))
        {
            return null;
        }
    }

    /// <summary>SubjectPublicKeyInfo; null where the key is not ECDSA or cannot be read, and then why.</summary>
    private static byte[]? PublicKeyOf(X509Certificate2 certificate, out string problem)
    {
        problem = "cannot be read";
        try
        {
            using ECDsa? key = certificate.GetECDsaPublicKey();
            problem = $"is {certificate.PublicKey.Oid.FriendlyName}";
            return key?.ExportSubjectPublicKeyInfo();
        }
        catch (Exception e) when (IsOfTheInput(e))
        {
            return null;
        }
    }

    private static byte[]? PublicKeyOf(Secret pem)
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportFromPem(pem.Reveal());
            return key.ExportSubjectPublicKeyInfo();
        }
        catch (Exception e) when (IsOfTheInput(e))
        {
            return null;
        }
    }
}
