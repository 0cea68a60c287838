using System.Security.Cryptography;
using Images.NodeConfig.Metadata;

namespace Images.NodeConfig.Kubernetes;

/// <summary>
/// A key whose signature makes a ServiceAccount's token: ECDSA, or RSA of at least 2048 bits. An old one may be public
/// only.
/// </summary>
public sealed record ServiceAccountKey
{
    private const int SmallestRsaBits = 2048;

    /// <summary>PEM; null for a key that only checks.</summary>
    public Secret? Private { get; init; }

    /// <summary>PEM, SubjectPublicKeyInfo.</summary>
    public required string Public { get; init; }

    /// <summary>Null when the text is no such key.</summary>
    public static ServiceAccountKey? TryParse(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        if (!PemEncoding.TryFind(pem, out PemFields fields))
        {
            return null;
        }

        ReadOnlySpan<char> label = pem.AsSpan()[fields.Label];
        return PublicPartOf(pem, isRsa: label.StartsWith("RSA ", StringComparison.Ordinal)) is { } publicPem
            ? new ServiceAccountKey
            {
                Public = publicPem,
                Private =
                    label.EndsWith("PRIVATE KEY", StringComparison.Ordinal) ? new Secret(pem.Trim() + "\n") : null,
            }
            : null;
    }

    private static string? PublicPartOf(string pem, bool isRsa) =>
        (isRsa ? null : PublicPartOfEcdsa(pem)) ?? PublicPartOfRsa(pem);

    private static string? PublicPartOfEcdsa(string pem)
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportFromPem(pem);
            return key.KeySize is 256 or 384 or 521 ? key.ExportSubjectPublicKeyInfoPem() + "\n" : null;
        }
        catch (Exception e) when (AuthorityCheck.IsOfTheInput(e))
        {
            return null;
        }
    }

    private static string? PublicPartOfRsa(string pem)
    {
        try
        {
            using RSA key = RSA.Create();
            key.ImportFromPem(pem);
            return key.KeySize >= SmallestRsaBits ? key.ExportSubjectPublicKeyInfoPem() + "\n" : null;
        }
        catch (Exception e) when (AuthorityCheck.IsOfTheInput(e))
        {
            return null;
        }
    }
}
