using Images.Bootstrapper.Discovery;
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
        PeerDirectory peers = PeerDirectory.For(root, state, time);
        NodeDuties node = new(root, state, peers, status, console, narrator, time);
        KubernetesDuties kubernetes = new(root, state, peers, narrator, time);
        LoadBalancingDuties balancing = new(root, state, peers, status, narrator, time);
        bool isEtcd = Has(EtcdAgent.Role), isMaster = Has(KubernetesNode.Master), isWorker = Has(KubernetesNode.Worker);
        // masters without the role worker run no pods, but take part in their network
        bool isOfKubernetes = isMaster || isWorker;
        bool isLb = Has(RoleNames.Lb);
        KubernetesSettings settings = state.Metadata.Node.Kubernetes;
        return
        [
            new("the services' state", true, node.FollowServicesAsync),
            new("what the services need", true, node.FollowSurroundingsAsync),
            new("names of peers", true, node.AnswerNamesAsync),
            new("files that name peers", PeerFiles.AreOf(state), node.WritePeerFilesAsync),
            new("renewal of certificates", true, node.RenewCertificatesAsync),
            new("spare memory", true, node.GiveMemoryBackAsync),
            new("word on host keys", true, node.SayHostKeysAsync),
            new("cloud metadata guard", true, kubernetes.GuardCloudMetadataAsync),
            new("answers to etcd's peers", isEtcd, node.AnswerEtcdPeersAsync),
            new("survey of etcd's peers", isEtcd, node.SurveyEtcdPeersAsync),
            new("etcd's membership", isEtcd, node.KeepEtcdMembershipAsync),
            new("etcd's snapshots", isEtcd, node.KeepEtcdSnapshotsAsync),
            new("care for etcd", isEtcd, node.CareForEtcdAsync),
            new("access rules", isMaster, kubernetes.ApplyAccessAsync),
            new("certificates of kubelets", isMaster, kubernetes.ApproveCertificatesAsync),
            new("roles of Nodes", isMaster, kubernetes.LabelNodesAsync),
            new("add-ons", isMaster, kubernetes.ApplyAddOnsAsync),
            new("certificates of lbs", isMaster, kubernetes.ApproveLbsAsync),
            new("Nodes that are gone", isMaster && settings.ForgetAfter is not null, kubernetes.ForgetNodesAsync),
            new("addresses of Services", isMaster && balancing.HasPool, kubernetes.AllotServiceAddressesAsync),
            new("the lb's certificate", isLb, kubernetes.JoinAsLbAsync),
            new("word for the lb's request", isLb, kubernetes.GiveWordOfLbAsync),
            new("places of haproxy", balancing.HasPlaces, balancing.FillAsync),
            new("Services behind the lb", isLb && balancing.HasPool, balancing.ForwardServicesAsync),
            new("health for the virtual address", balancing.HasVip, balancing.WatchHealthAsync),
            new("holder of the virtual address", balancing.HasVip, balancing.WatchHoldersAsync),
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
