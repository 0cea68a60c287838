using System.Security.Cryptography;
using System.Text;
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
    private const string Remedy = "Bring it back from your copy of the cluster's secrets.";

    /// <summary>What encrypts; made with its other half where the cluster has none yet.</summary>
    /// <param name="folder">
    /// What <c>baker seed</c> was given as <c>--out</c>, or one that holds a copy of <c>secrets/backup.pub</c> alone.
    /// </param>
    public static ECDiffieHellman OpenPublic(string folder)
    {
        (string secrets, bool isCluster) = ClusterFolder.Find(folder);
        string path = Path.Combine(secrets, PublicFile);
        string other = Path.Combine(secrets, PrivateFileName);
        if (!File.Exists(path))
        {
            if (File.Exists(other))
            {
                WritePublicOf(other, path); // never another pair: the first one decrypts what there is
            }
            else if (isCluster)
            {
                Create(other, path);
            }
        }

        return Read(path, "is missing, and so are the secrets of a cluster that it could be made for.");
    }

    /// <summary>What decrypts.</summary>
    /// <param name="folder">What <c>baker seed</c> was given as <c>--out</c>.</param>
    public static ECDiffieHellman OpenPrivate(string folder) => Read(
        Path.Combine(ClusterFolder.Find(folder).Secrets, PrivateFileName),
        "is missing, and nothing else decrypts the cluster's backups.");

    private static void Create(string privatePath, string publicPath)
    {
        using ECDiffieHellman key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Secret secret = new(key.ExportPkcs8PrivateKeyPem() + "\n");
        string shown = key.ExportSubjectPublicKeyInfoPem() + "\n";
        PrivateFile.WriteTogether(
            (privatePath, stream => stream.Write(Encoding.ASCII.GetBytes(secret.Reveal()))),
            (publicPath, stream => stream.Write(Encoding.ASCII.GetBytes(shown))));
    }

    private static void WritePublicOf(string privatePath, string publicPath)
    {
        using ECDiffieHellman key = Read(privatePath, "is missing.");
        PrivateFile.Write(publicPath, key.ExportSubjectPublicKeyInfoPem() + "\n");
    }

    private static ECDiffieHellman Read(string path, string absence)
    {
        ECDiffieHellman key = ECDiffieHellman.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }
        catch (Exception e) when (e is FileNotFoundException or ArgumentException or CryptographicException
            or IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            string problem = e switch
            {
                FileNotFoundException => absence,
                IOException or UnauthorizedAccessException => $"cannot be read: {e.Message}",
                _ => "is no key for backups.",
            };
            throw new BakeException("BAKE0841", path, problem, Remedy, inner: e);
        }
    }
}
