using System.Security.Cryptography;
using Images.Baker.Seeds;
using Images.NodeConfig;

namespace Images.Baker.Backups;

/// <summary>
/// The cluster's key for backups: <c>secrets/backup.pub</c> encrypts, <c>secrets/backup.key</c> decrypts. Whoever makes
/// backups needs the first alone. ECDH on P-256.
/// </summary>
internal static class BackupKey
{
    private const string PublicFile = "backup.pub";
    private const string PrivateFileName = "backup.key";

    /// <summary>What encrypts; made with its other half where the cluster has none yet.</summary>
    /// <param name="secrets">The cluster's folder of secrets, or one that holds a copy of <c>backup.pub</c>.</param>
    public static ECDiffieHellman OpenPublic(string secrets)
    {
        string path = Path.Combine(secrets, PublicFile);
        if (!File.Exists(path))
        {
            Create(secrets);
        }

        return Read(path, File.ReadAllText(path));
    }

    /// <summary>What decrypts.</summary>
    public static ECDiffieHellman OpenPrivate(string secrets)
    {
        string path = Path.Combine(secrets, PrivateFileName);
        return File.Exists(path)
            ? Read(path, File.ReadAllText(path))
            : throw new BakeException(
                "BAKE0841", path, "is missing, and nothing else decrypts the cluster's backups.",
                "Bring it back from your copy of the cluster's secrets.");
    }

    private static void Create(string secrets)
    {
        using ECDiffieHellman key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Secret secret = new(key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFile.Write(Path.Combine(secrets, PrivateFileName), secret.Reveal());
        PrivateFile.Write(Path.Combine(secrets, PublicFile), key.ExportSubjectPublicKeyInfoPem() + "\n");
    }

    private static ECDiffieHellman Read(string path, string pem)
    {
        ECDiffieHellman key = ECDiffieHellman.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new BakeException(
                "BAKE0841", path, "is no key for backups.", "Bring it back from your copy of the cluster's secrets.",
                inner: e);
        }
    }
}
