using System.Text.RegularExpressions;
using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>One machine that is etcd, master and worker: from its seed to pods that answer.</summary>
[Collection(AloneGroup.Name)]
public sealed class AllInOneTests : IDisposable
{
    private const int NodePort = 30080;

    private readonly AllInOneMachine _one = new(BakedImage.RunFolder(nameof(AllInOneTests)));

    [Fact]
    public void A_machine_becomes_a_whole_cluster_whose_pods_run_and_answer()
    {
        _one.StartAndWaitForNode();
        string pod = APodRunsAndAnswers();
        APodResolvesTheClustersNames(pod);
        ASecretIsEncryptedInEtcd();
        _one.ExpectNoFailedUnit();
    }

    public void Dispose() => _one.Dispose();

    private string APodRunsAndAnswers()
    {
        _one.Kubectl.Apply(EchoPods.Manifest("echo", replicas: 1, NodePort));
        string pod = _one.Kubectl.WaitFor("a pod that is Ready", 600, pods => Regex.IsMatch(pods, @"^echo-\S+ +1/1 +Running "), _one.Machine, "get", "pods", "--no-headers").Split(' ')[0];
        string clusterAddress = _one.Kubectl.Run("get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}");
        _one.Kubectl.WaitFor("the pod at its ClusterIP, from a pod", 120, answer => answer.Trim() == pod, _one.Machine, "exec", pod, "--", "/bin/sh", "-c", EchoPods.Ask(clusterAddress, 80));
        _one.Run(EchoPods.Ask(clusterAddress, 80)).Trim().ShouldBe(pod, "by its ClusterIP, from the machine");
        _one.Network.Try("curl", "--silent", "--show-error", "--max-time", "60", $"http://{AllInOneMachine.Address}:{NodePort}/").Output.Trim().ShouldBe(pod, "by its NodePort, from outside");
        _one.Kubectl.Run("logs", pod).ShouldStartWith($"{pod} listens\n");
        return pod;
    }

    private void APodResolvesTheClustersNames(string pod)
    {
        string Resolve(string name) => _one.Kubectl.WaitFor($"an address of {name} in a pod", 120, _ => true, _one.Machine, "exec", pod, "--", "getent", "hosts", name);
        string address = _one.Kubectl.Run("get", "pod", pod, "-o", "jsonpath={.status.podIP}");
        Resolve("kubernetes.default.svc.cluster.local").ShouldMatch(@"^10\.32\.0\.1 +kubernetes\.default\.svc\.cluster\.local\n$");
        Resolve("kubernetes.default").ShouldMatch(@"^10\.32\.0\.1 +", "by the pod's search list");
        Resolve("echo-pods").ShouldMatch($@"^{Regex.Escape(address)} +echo-pods\.default\.svc\.cluster\.local\n$", "headless: the pod itself");
        Resolve("echo").ShouldStartWith(_one.Kubectl.Run("get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}") + " ");
    }

    private void ASecretIsEncryptedInEtcd()
    {
        _one.Kubectl.Run("create", "secret", "generic", "precious", "--from-literal=word=butterfly");
        _one.Kubectl.Run("get", "secret", "precious", "-o", "jsonpath={.data.word}").ShouldBe("YnV0dGVyZmx5");
        string stored = new EtcdClient(_one.Network, _one.Seeds).Run([AllInOneMachine.Address], "get", "--print-value-only", "/registry/secrets/default/precious");
        stored.ShouldContain("k8s:enc:secretbox:");
        stored.ShouldNotContain("butterfly");
    }
}
