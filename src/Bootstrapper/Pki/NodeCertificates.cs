using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// The machine's certificates on disk: made when missing, made again when they no longer fit or two thirds of their
/// life are over. The key stays as long as it is usable, so that a renewal replaces one file and no reader ever finds a
/// key beside another's certificate.
/// </summary>
internal sealed class NodeCertificates(
    NodeRoot root, ClusterSecrets secrets, CertificateLife life, TimeProvider clock, DateTimeOffset clockFloor)
{
    private const string LockPath = NodePaths.Pki + "/.lock";
    private const UnixFileMode KeyMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    public static NodeCertificates Of(NodeRoot root, NodeState state, CertificateLife life, TimeProvider clock) =>
        new(root, state.Metadata.Node.Secrets, life, clock, ClockFloor.Read(root));

    /// <summary>
    /// The time by the clock, but never before the image was made: a machine without a battery starts in the past.
    /// </summary>
    public DateTimeOffset Now => clock.GetUtcNow() is DateTimeOffset now && now > clockFloor ? now : clockFloor;

    public bool Has(CertificatePlan plan) => File.Exists(root[plan.Path + ".crt"]);

    /// <summary>Makes the certificate if need be; says why it was made, null when the one on disk stays.</summary>
    /// <exception cref="BootFailure">The metadata lacks the authority or its key.</exception>
    public string? Ensure(CertificatePlan plan)
    {
        IReadOnlyList<ClusterAuthority> authorities = secrets[plan.Authority];
        ClusterAuthority signer = authorities.FirstOrDefault(authority => authority.Key is not null)
            ?? throw new BootFailure(
                "NODE0302", "node.pki", $"the authority '{plan.Authority}' with its key is missing",
                $"add it to the metadata; {plan.Name} needs it");
        using FileLock held = FileLock.Take(root[LockPath]); // prepare and agent may both come
        if (plan.BundlePath is string bundle)
        {
            WriteIfChanged(
                bundle, string.Concat(authorities.Select(authority => authority.Certificate.TrimEnd() + "\n")));
        }

        using X509Certificate2 authority = Load(signer, plan.Authority);
        using ECDsa key = ReadKey(plan) ?? WriteKey(plan);
        string? reason = Fault(plan, authority, key);
        if (reason is not null)
        {
            using X509Certificate2 made = CertificateMint.Sign(plan, key, authority, life, Now);
            AtomicFile.Write(root[plan.Path + ".crt"], made.ExportCertificatePem() + "\n", AtomicFile.Public);
        }

        return reason;
    }

    private static X509Certificate2 Load(ClusterAuthority authority, string name)
    {
        try
        {
            return X509Certificate2.CreateFromPem(authority.Certificate, authority.Key!.Reveal());
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new BootFailure(
                "NODE0303", $"node.pki.{name}", "certificate and key do not belong together",
                "make the seed again from the cluster's secrets");
        }
    }

    private ECDsa? ReadKey(CertificatePlan plan)
    {
        string path = root[plan.Path + ".key"];
        if (!File.Exists(path))
        {
            return null;
        }

        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null; // unreadable: a new key and certificate take its place
        }
    }

    private ECDsa WriteKey(CertificatePlan plan)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        FileOwner? owner = root.IsMachine ? FileOwner.Parse(plan.KeyOwner, root) : null;
        AtomicFile.Write(root[plan.Path + ".key"], key.ExportPkcs8PrivateKeyPem() + "\n", KeyMode, owner);
        return key;
    }

    private string? Fault(CertificatePlan plan, X509Certificate2 authority, ECDsa key)
    {
        string path = root[plan.Path + ".crt"];
        if (!File.Exists(path))
        {
            return "there was none";
        }

        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(path));
            return CertificateCheck.Fault(certificate, plan, authority, key, Now);
        }
        catch (CryptographicException)
        {
            return "it could not be read";
        }
    }

    private void WriteIfChanged(string path, string text)
    {
        if (!File.Exists(root[path]) || File.ReadAllText(root[path]) != text)
        {
            AtomicFile.Write(root[path], text, AtomicFile.Public);
        }
    }
}
