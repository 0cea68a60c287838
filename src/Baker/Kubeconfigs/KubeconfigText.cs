using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Images.Baker.Pki;

namespace Images.Baker.Kubeconfigs;

/// <summary>
/// The kubeconfig of one user of one cluster. Everything is in the one file, so it can be carried around.
/// </summary>
internal static class KubeconfigText
{
    private static readonly JavaScriptEncoder _encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static string Write(
        string cluster, Uri server, string user, CertificateAuthority authority, AdministratorCertificate certificate)
    {
        string context = Quote($"{user}@{cluster}");
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: {Quote(cluster)}
              cluster:
                server: {Quote(server.AbsoluteUri.TrimEnd('/'))}
                certificate-authority-data: {Base64(authority.Certificate)}
            users:
            - name: {context}
              user:
                client-certificate-data: {Base64(certificate.Certificate)}
                client-key-data: {Base64(certificate.Key.Reveal())}
            contexts:
            - name: {context}
              context:
                cluster: {Quote(cluster)}
                user: {context}
            current-context: {context}

            """.ReplaceLineEndings("\n");
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));

    /// <summary>A JSON string is a YAML double-quoted scalar.</summary>
    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, _encoder)}\"";
}
