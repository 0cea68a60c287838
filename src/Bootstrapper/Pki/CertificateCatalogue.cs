using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Pki;

/// <summary>The certificates that role files can ask for by name.</summary>
internal static class CertificateCatalogue
{
    public const string EtcdServer = "etcd-server";
    public const string EtcdPeer = "etcd-peer";
    public const string EtcdHealthClient = "etcd-health-client";

    private const string EtcdFolder = NodePaths.Pki + "/etcd";
    private const string EtcdOwner = "root:etcd";

    /// <exception cref="BootFailure">A role file names a certificate that this program does not know.</exception>
    public static CertificatePlan Find(string name, NodeIdentity identity) => name switch
    {
        // etcd's own gateway shows the server's certificate as a client, hence both usages and the client authority
        EtcdServer => Etcd(name, ClusterSecrets.EtcdClient, "server", "client-ca.crt", identity),
        EtcdPeer => Etcd(name, ClusterSecrets.EtcdPeer, "peer", "peer-ca.crt", identity),
        EtcdHealthClient => new CertificatePlan
        {
            Name = name,
            Authority = ClusterSecrets.EtcdClient,
            Path = EtcdFolder + "/health-client",
            CommonName = $"{identity.Hostname} bootstrapper",
            DnsNames = [],
            Addresses = [],
            ForServer = false,
            KeyOwner = "root:root",
        },
        _ => throw new BootFailure(NodePaths.CompiledRoles, $"no certificate is called '{name}'", $"use {EtcdServer}, {EtcdPeer} or {EtcdHealthClient} in the role file"),
    };

    private static CertificatePlan Etcd(string name, string authority, string file, string bundle, NodeIdentity identity) => new()
    {
        Name = name,
        Authority = authority,
        Path = $"{EtcdFolder}/{file}",
        BundlePath = $"{EtcdFolder}/{bundle}",
        CommonName = identity.Hostname,
        DnsNames =
        [
            .. new[]
            {
                identity.Hostname,
                $"{identity.Hostname}.{identity.Cluster}.{identity.Domain}",
                PeerNames.For("etcd", identity.Cluster, identity.Domain).TrimEnd('.'),
                "localhost",
            }.Distinct(StringComparer.Ordinal),
        ],
        Addresses = [.. new[] { identity.Address, "127.0.0.1" }.Distinct(StringComparer.Ordinal)],
        ForServer = true,
        KeyOwner = EtcdOwner,
    };
}
