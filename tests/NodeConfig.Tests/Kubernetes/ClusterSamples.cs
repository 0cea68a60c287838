using System.Security.Cryptography;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Kubernetes;

/// <summary>Secrets of a cluster that does not exist, as YAML in flow style.</summary>
internal static class ClusterSamples
{
    public const string EncryptionSecret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    public static AuthorityPem Pair { get; } = AuthorityPem.Create("demo");

    public static string Certificate { get; } = $"[{{ certificate: {Quoted(Pair.Certificate)} }}]";

    public static string Authority { get; } = Pair.ToYaml();

    public static string EcKey { get; } = Quoted(EcPem());

    public static string MasterKubernetes { get; } =
        $"{{serviceAccountKeys: [{EcKey}], encryptionKeys: [{{name: key1, secret: {EncryptionSecret}}}], tokens: [{{id: abcdef, secret: 0123456789abcdef}}]}}";

    public static string MasterPki { get; } = $"{{kubernetes: {Authority}, front-proxy: {Authority}, etcd-client: {Authority}}}";

    public static string EcPem()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    public static string RsaPem(int bits)
    {
        using RSA key = RSA.Create(bits);
        return key.ExportRSAPrivateKeyPem();
    }

    public static string PublicPem(string pem)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    public static string Quoted(string pem) => $"\"{pem.TrimEnd().ReplaceLineEndings("\\n")}\\n\"";
}
