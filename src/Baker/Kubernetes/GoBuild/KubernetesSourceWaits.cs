using System.Collections.Immutable;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// Waits of Kubernetes 1.20 that wait for nothing, taken out of its sources; docs/decisions/0021 has what each cost.
/// </summary>
internal static class KubernetesSourceWaits
{
    /// <summary>The build tag of Kubernetes itself that leaves Docker out of the kubelet.</summary>
    public const string WithoutDockerTag = "dockerless";

    private const string Allocator = SourceBuildFolders.Source + "/pkg/controller/nodeipam/ipam/cidr_allocator.go";
    private const string Kubelet = SourceBuildFolders.Source + "/pkg/kubelet";
    private const string PollStart = "\tif pollErr := wait.Poll";
    private const string PollEnd = "(10*time.Second, apiserverStartupGracePeriod, func() (bool, error) {\n";

    private const string Loop = "func (kl *Kubelet) fastStatusUpdateOnce() {\n\tfor {\n";
    private const string LoopWithStart =
        "func (kl *Kubelet) fastStatusUpdateOnce() {\n\tbegin := time.Now()\n\tfor {\n";
    private const string AtOnce = "\t\t\tkl.updateRuntimeUp()\n\t\t\tkl.syncNodeStatus()\n\t\t\treturn\n";

    private const string OnceReady = """
    			kl.updateRuntimeUp()
    			// Who writes the configuration of the pods' network learns this share of it no earlier than the kubelet does.
    			state := kl.runtimeState
    			isReady := state.networkErrors() == nil && state.runtimeErrors() == nil && state.storageErrors() == nil
    			if !isReady && time.Since(begin) < 2*time.Minute {
    				continue
    			}
    			kl.syncNodeStatus()
    			return

    """;

    /// <summary>
    /// The controller manager asks for the Nodes at once and not after ten seconds, in which it starts no controller:
    /// no certificate is signed until then.
    /// </summary>
    public static SourceFix NodesAtOnce { get; } = new(
        "kube-controller-manager lists the Nodes at once, not ten seconds after its start",
        SourceBuildStep.ReplacePassage(Allocator, PollStart + PollEnd, PollStart + "Immediate" + PollEnd));

    /// <summary>
    /// Without Docker the kubelet does not ask for it once a second for five seconds at each start. The tag would leave
    /// nothing out if these files did not heed it, and nothing would say so.
    /// </summary>
    public static SourceFix WithoutDocker { get; } = new(
        $"kubelet is built without Docker (Kubernetes' build tag {WithoutDockerTag})",
        SourceBuildStep.RequirePassage(Kubelet + "/cadvisor/cadvisor_linux_docker.go", "// +build linux,!dockerless\n"),
        SourceBuildStep.RequirePassage(Kubelet + "/kubelet_dockershim.go", "// +build !dockerless\n"));

    /// <summary>
    /// At its start the kubelet says that its Node is ready as soon as it is, as Kubernetes does since 1.26 (its change
    /// 112618). Else it says so at the next turn of its clock, up to ten seconds later.
    /// </summary>
    public static SourceFix ReadyOnceItIs { get; } = new(
        "kubelet reports its Node ready as soon as the pods' network is, not at the next turn of its clock",
        SourceBuildStep.ReplacePassage(Kubelet + "/kubelet.go", Loop, LoopWithStart),
        SourceBuildStep.ReplacePassage(Kubelet + "/kubelet.go", AtOnce, OnceReady));

    public static ImmutableArray<SourceFix> All { get; } = [NodesAtOnce, WithoutDocker, ReadyOnceItIs];
}
