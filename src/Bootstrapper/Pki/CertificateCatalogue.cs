using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.Pki;

/// <summary>The certificates that role files can ask for by name.</summary>
internal static class CertificateCatalogue
{
    public const string EtcdServer = "etcd-server";
    public const string EtcdPeer = "etcd-peer";
    public const string EtcdHealthClient = "etcd-health-client";
    public const string EtcdForwarder = "etcd-forwarder";
    public const string ApiServer = "kube-apiserver";
    public const string ApiServerEtcdClient = "kube-apiserver-etcd-client";
    public const string ApiServerKubeletClient = "kube-apiserver-kubelet-client";
    public const string FrontProxyClient = "front-proxy-client";
    public const string ControllerManager = "kube-controller-manager";
    public const string ControllerManagerServing = "kube-controller-manager-serving";
    public const string Scheduler = "kube-scheduler";
    public const string SchedulerServing = "kube-scheduler-serving";
    public const string Proxy = "kube-proxy";
    public const string MastersAgent = "masters-agent";

    /// <summary>Every name, in the order of messages.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        EtcdServer, EtcdPeer, EtcdHealthClient, EtcdForwarder,
        ApiServer, ApiServerEtcdClient, ApiServerKubeletClient, FrontProxyClient,
        ControllerManager, ControllerManagerServing, Scheduler, SchedulerServing, Proxy, MastersAgent,
    ];

    /// <exception cref="BootFailure">A role file names a certificate that this program does not know.</exception>
    public static CertificatePlan Find(string name, NodeState state) =>
        Find(name, state.Identity, state.Metadata.Node.Kubernetes, RoleNames.Of(state));

    /// <param name="names">Under which the machines of a role stand in DNS, a server of each answers, too.</param>
    /// <exception cref="BootFailure">A role file names a certificate that this program does not know.</exception>
    public static CertificatePlan Find(
        string name, NodeIdentity identity, KubernetesSettings kubernetes, RoleNames names) =>
        EtcdCertificates.Find(name, identity, kubernetes, names)
        ?? KubernetesCertificates.Find(name, identity, kubernetes, names)
        ?? throw new BootFailure(
            "NODE0301", NodePaths.CompiledRoles, $"no certificate is called '{name}'",
            $"use one of these in the role file: {string.Join(", ", Names)}");
}
