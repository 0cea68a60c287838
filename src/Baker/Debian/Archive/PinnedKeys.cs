using Images.Baker.OpenPgp;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>Loads the certificates that image.yaml pins.</summary>
internal static class PinnedKeys
{
    /// <exception cref="BakeException">
    /// A file cannot be read, is no certificate, or does not hold the pinned one.
    /// </exception>
    public static IReadOnlyList<OpenPgpCertificate> Load(IEnumerable<KeyPlan> keys) => [.. keys.Select(Load)];

    private static OpenPgpCertificate Load(KeyPlan key)
    {
        try
        {
            return OpenPgpCertificate.ReadAll(File.ReadAllBytes(key.File), key.File)
                .FirstOrDefault(certificate => certificate.Fingerprint == key.Fingerprint)
                ?? throw new BakeException(
                    "BAKE0326", key.File, $"It does not hold the certificate {key.Fingerprint} that image.yaml pins.",
                    "Put the right file there, or correct the fingerprint.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            or MalformedDataException)
        {
            throw new BakeException(
                "BAKE0326", key.File, $"The key cannot be read: {exception.Message}",
                "Restore the file from version control.", inner: exception);
        }
    }
}
