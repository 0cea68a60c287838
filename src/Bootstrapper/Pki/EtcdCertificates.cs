using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// What an etcd member shows to clients, to its peers and, asking for health, to itself; and what a master's forwarder
/// shows, asking members for theirs.
/// </summary>
internal static class EtcdCertificates
{
    private const string Folder = NodePaths.Pki + "/etcd";
    private const string Owner = "root:etcd";

    public static CertificatePlan? Find(
        string name, NodeIdentity identity, KubernetesSettings kubernetes, RoleNames names) => name switch
        {
            // etcd's own gateway shows the server's certificate as a client, hence both usages and the client authority
            CertificateCatalogue.EtcdServer =>
                Member(name, ClusterSecrets.EtcdClient, "server", "client-ca.crt", identity, kubernetes, names),
            CertificateCatalogue.EtcdPeer =>
                Member(name, ClusterSecrets.EtcdPeer, "peer", "peer-ca.crt", identity, kubernetes, names),
            CertificateCatalogue.EtcdHealthClient => new CertificatePlan
            {
                Name = name,
                Authority = ClusterSecrets.EtcdClient,
                Path = Folder + "/health-client",
                CommonName = $"{identity.Hostname} bootstrapper",
                DnsNames = [],
                Addresses = [],
                Usage = CertificateUsage.Client,
                KeyOwner = "root:root",
            },
            CertificateCatalogue.EtcdForwarder => new CertificatePlan
            {
                Name = name,
                Authority = ClusterSecrets.EtcdClient,
                Path = Folder + "/forwarder",
                BundlePath = Folder + "/client-ca.crt",
                CommonName = $"{identity.Hostname} etcd-forwarder",
                DnsNames = [],
                Addresses = [],
                Usage = CertificateUsage.Client,
                KeyOwner = "root:haproxy",
            },
            _ => null,
        };

    private static CertificatePlan Member(
        string name, string authority, string file, string bundle, NodeIdentity identity,
        KubernetesSettings kubernetes, RoleNames names) => new()
        {
            Name = name,
            Authority = authority,
            Path = $"{Folder}/{file}",
            BundlePath = $"{Folder}/{bundle}",
            CommonName = identity.Hostname,
            DnsNames =
            [
                .. KubernetesCertificates.MachineNames(identity, kubernetes)
                    .Append(names.HostOf(RoleNames.Etcd))
                    .Append("localhost")
                    .Distinct(StringComparer.Ordinal),
            ],
            Addresses = [.. new[] { identity.Address, "127.0.0.1" }.Distinct(StringComparer.Ordinal)],
            Usage = CertificateUsage.Server | CertificateUsage.Client,
            KeyOwner = Owner,
        };
}
