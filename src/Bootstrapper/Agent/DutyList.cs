using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.Agent;

/// <summary>All duties of the agent, each with whose it is; a machine of several roles has each of them once.</summary>
internal static class DutyList
{
    public static IReadOnlyList<Duty> For(
        NodeRoot root, NodeState state, StatusBoard status, NodeConsole console, Narrator narrator,
        TimeProvider time)
    {
        NodeDuties node = new(root, state, status, console, narrator, time);
        KubernetesDuties kubernetes = new(root, state, narrator, time);
        bool isEtcd = Has(EtcdAgent.Role), isMaster = Has(KubernetesNode.Master), isWorker = Has(KubernetesNode.Worker);
        // masters without the role worker run no pods, but take part in their network
        bool isOfKubernetes = isMaster || isWorker;
        KubernetesSettings settings = state.Metadata.Node.Kubernetes;
        return
        [
            new("the services' state", true, node.FollowServicesAsync),
            new("what the services need", true, node.FollowSurroundingsAsync),
            new("renewal of certificates", true, node.RenewCertificatesAsync),
            new("spare memory", true, node.GiveMemoryBackAsync),
            new("answers to etcd's peers", isEtcd, node.AnswerEtcdPeersAsync),
            new("survey of etcd's peers", isEtcd, node.SurveyEtcdPeersAsync),
            new("etcd's membership", isEtcd, node.KeepEtcdMembershipAsync),
            new("etcd's snapshots", isEtcd, node.KeepEtcdSnapshotsAsync),
            new("care for etcd", isEtcd, node.CareForEtcdAsync),
            new("cloud metadata guard", isOfKubernetes, kubernetes.GuardCloudMetadataAsync),
            new("access rules", isMaster, kubernetes.ApplyAccessAsync),
            new("certificates of kubelets", isMaster, kubernetes.ApproveCertificatesAsync),
            new("roles of Nodes", isMaster, kubernetes.LabelNodesAsync),
            new("add-ons", isMaster, kubernetes.ApplyAddOnsAsync),
            new("Nodes that are gone", isMaster && settings.ForgetAfter is not null, kubernetes.ForgetNodesAsync),
            new("the Node's return", isWorker, kubernetes.OpenNodeAsync),
            new("the kubelet's first certificate", isWorker, kubernetes.JoinAsync),
            new("word for the kubelet's request", isWorker, kubernetes.GiveWordAsync),
            new("renewal of the kubelet's certificates", isWorker, kubernetes.WatchRenewalAsync),
            new("cluster DNS", isWorker && settings.Dns == ClusterDnsServer.Node, kubernetes.NameServicesAsync),
            new("pods' network", isOfKubernetes && settings.Network != PodNetwork.Cni, kubernetes.RoutePodsAsync),
        ];

        bool Has(string role) => state.Identity.Roles.Contains(role, StringComparer.Ordinal);
    }
}
