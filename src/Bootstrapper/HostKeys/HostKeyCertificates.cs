using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.HostKeys;

/// <summary>
/// By which certificate a machine of a role is known: the one that nobody gets who has not the role. An lb has none of
/// a server; it shows its client's, which bears its name.
/// </summary>
internal sealed class HostKeyCertificates(NodeRoot root, NodeState state)
{
    /// <summary>Of the role that was asked for where the machine has it, or else of any that it has.</summary>
    /// <exception cref="IOException">There is none (yet).</exception>
    public X509Certificate2 Load(string? wanted)
    {
        string[] roles = [.. Roles.OrderBy(role => role != wanted)];
        foreach (string role in roles)
        {
            (string certificate, string key) = FilesOf(role);
            if (File.Exists(root[certificate]))
            {
                return ClusterTls.Load(root[certificate], root[key]);
            }
        }

        throw new IOException("no certificate yet");
    }

    private IEnumerable<string> Roles =>
        new[] { RoleNames.Etcd, RoleNames.Master, RoleNames.Worker, RoleNames.Lb }
            .Where(role => state.Identity.Roles.Contains(role, StringComparer.Ordinal));

    private (string Certificate, string Key) FilesOf(string role) => role switch
    {
        RoleNames.Etcd => Minted(CertificateCatalogue.EtcdServer),
        RoleNames.Master => Minted(CertificateCatalogue.ApiServer),
        RoleNames.Worker => (KubernetesNode.KubeletServingCertificate, KubernetesNode.KubeletServingCertificate),
        _ => (LbIdentity.Certificate, LbIdentity.Certificate),
    };

    private (string Certificate, string Key) Minted(string name)
    {
        string path = CertificateCatalogue.Find(name, state).Path;
        return (path + ".crt", path + ".key");
    }
}
