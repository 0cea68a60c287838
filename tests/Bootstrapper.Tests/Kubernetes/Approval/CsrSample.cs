using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Tests.Roles;

namespace Images.Bootstrapper.Tests.Kubernetes.Approval;

/// <summary>Requests as kubelets make them, and others.</summary>
internal static class CsrSample
{
    public const string WorkerGroup = "system:bootstrappers:worker";

    public static readonly string[] ClientUsages = ["digital signature", "key encipherment", "client auth"];
    public static readonly string[] ServingUsages = ["digital signature", "key encipherment", "server auth"];

    /// <summary>By a master node1 at 10.0.0.21 of the cluster demo.</summary>
    public static ReservedNames Reserved { get; } = new(new SampleMachine(["master"], "1.36.0").State);

    public static JsonObject Client(string name, ECDsa key, string subject = "O=system:nodes, CN=system:node:{0}", string[]? usages = null) =>
        Make(name, CsrRequest.ClientSigner, Pem(key, subject.Replace("{0}", name, StringComparison.Ordinal)), usages ?? ClientUsages);

    public static JsonObject Serving(string name, ECDsa key, string[] dnsNames, string[] addresses) =>
        Make(name, CsrRequest.ServingSigner, Pem(key, $"O=system:nodes, CN=system:node:{name}", dnsNames, addresses), ServingUsages);

    /// <summary>As the API shows it, with who asked.</summary>
    public static KubernetesObject AskedBy(this JsonObject request, string user, params string[] groups)
    {
        request["spec"]!["username"] = user;
        request["spec"]!["groups"] = new JsonArray([.. groups.Select(group => (JsonNode)group)]);
        return new KubernetesObject(request);
    }

    public static JsonObject Make(string name, string signer, string pem, string[] usages) => new()
    {
        ["apiVersion"] = "certificates.k8s.io/v1",
        ["kind"] = "CertificateSigningRequest",
        ["metadata"] = new JsonObject { ["name"] = $"csr-{name}-{Guid.NewGuid().ToString("N")[..6]}" },
        ["spec"] = new JsonObject
        {
            ["signerName"] = signer,
            ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)),
            ["usages"] = new JsonArray([.. usages.Select(usage => (JsonNode)usage)]),
        },
    };

    public static string Pem(ECDsa key, string subject, string[]? dnsNames = null, string[]? addresses = null, string? email = null)
    {
        CertificateRequest request = new(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        if (dnsNames is not null || addresses is not null || email is not null)
        {
            SubjectAlternativeNameBuilder names = new();
            foreach (string dnsName in dnsNames ?? [])
            {
                names.AddDnsName(dnsName);
            }

            foreach (string address in addresses ?? [])
            {
                names.AddIpAddress(IPAddress.Parse(address));
            }

            if (email is not null)
            {
                names.AddEmailAddress(email);
            }

            request.CertificateExtensions.Add(names.Build());
        }

        return request.CreateSigningRequestPem() + "\n";
    }
}
