using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;

namespace Images.Bootstrapper.Kubernetes.Joining;

/// <summary>
/// A request for a client's certificate, of a kubelet or an lb: its name comes from the key, so whoever starts anew
/// with the same key goes on with the same request.
/// </summary>
/// <param name="signer">Kubernetes' name of who is to sign.</param>
/// <param name="subject">The group and the name to ask for, as a certificate has them.</param>
internal sealed class ClientRequest(string signer, string subject)
{
    public static string DigestOf(ECDsa key) =>
        Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    public static string NameOf(ECDsa key) => CsrClaim.RequestNameOf(DigestOf(key));

    /// <summary>As the API has it by now.</summary>
    public async Task<KubernetesObject> FindOrMakeAsync(
        KubernetesClient client, ECDsa key, CancellationToken cancellationToken)
    {
        string name = NameOf(key);
        return await client.FindAsync(KubernetesResource.CertificateSigningRequests.One(name), cancellationToken)
            ?? await client.CreateAsync(
                KubernetesResource.CertificateSigningRequests.Path, Body(name, key), cancellationToken);
    }

    /// <summary>The certificate in PEM; null where there is none yet.</summary>
    /// <exception cref="FormatException">What stands in its place is none.</exception>
    public static string? CertificateOf(KubernetesObject request) =>
        request.Text("status", "certificate") is { Length: > 0 } certificate
            ? Encoding.UTF8.GetString(Convert.FromBase64String(certificate))
            : null;

    /// <summary>Why it was refused; null where it was not.</summary>
    public static string? RefusalOf(KubernetesObject request) => request.Items("status", "conditions")
        .FirstOrDefault(condition => condition.Text("type") is "Denied" or "Failed")
        ?.Text("message");

    private JsonObject Body(string name, ECDsa key)
    {
        CertificateRequest request = new(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        return new JsonObject
        {
            ["apiVersion"] = "certificates.k8s.io/v1",
            ["kind"] = "CertificateSigningRequest",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["signerName"] = signer,
                ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(request.CreateSigningRequestPem())),
                // the three of them, for signers before 1.27
                ["usages"] = new JsonArray("digital signature", "key encipherment", "client auth"),
            },
        };
    }
}
