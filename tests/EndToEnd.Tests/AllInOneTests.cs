using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.TestSupport;

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
        TheAuditLogTellsWhoMadeItAndNotWhatItIs();
        OpensslAgreesOnTheKubeletsCertificates();
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

    private void TheAuditLogTellsWhoMadeItAndNotWhatItIs()
    {
        string log = _one.Run("sudo cat /var/log/kubernetes/audit.log");
        string made = log.Split('\n').Single(line => line.Contains("\"verb\":\"create\"", StringComparison.Ordinal) && line.Contains("\"name\":\"precious\"", StringComparison.Ordinal));
        made.ShouldContain("\"resource\":\"secrets\"");
        made.ShouldContain("\"groups\":[\"system:masters\"", Case.Sensitive, "who");
        log.ShouldNotContain("YnV0dGVyZmx5");
        log.ShouldNotContain("butterfly");
    }

    private void OpensslAgreesOnTheKubeletsCertificates()
    {
        string authority = Path.Combine(_one.Seeds.Secrets, "kubernetes.crt");
        string client = Certificate("kubelet-client-current.pem"), server = Certificate("kubelet-server-current.pem");
        string node = _one.Kubectl.Run("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}");
        JudgeResult Verify(string purpose, string file, params string[] more) => Judge.Try("openssl", ["verify", "-purpose", purpose, "-CAfile", authority, .. more, file]);
        Verify("sslclient", client).ExitCode.ShouldBe(0);
        Verify("sslserver", client).ExitCode.ShouldNotBe(0);
        Verify("sslserver", server, "-verify_ip", AllInOneMachine.Address).ExitCode.ShouldBe(0);
        Verify("sslserver", server, "-verify_hostname", node).ExitCode.ShouldBe(0);
        Verify("sslserver", server, "-verify_ip", "10.240.0.12").ExitCode.ShouldNotBe(0);
        Verify("sslclient", server).ExitCode.ShouldNotBe(0);
        foreach (string file in new[] { client, server })
        {
            string subject = Judge.Run("openssl", "x509", "-in", file, "-noout", "-subject");
            subject.ShouldContain("O = system:nodes");
            subject.ShouldContain($"CN = system:node:{node}");
            Judge.Run("openssl", "x509", "-in", file, "-noout", "-checkend", "2592000"); // a month is left, at least
        }
    }

    private string Certificate(string name)
    {
        string pem = _one.Run($"sudo sed -n '/BEGIN CERT/,/END CERT/p' /var/lib/kubelet/pki/{name}");
        string file = Path.Combine(Path.GetDirectoryName(_one.Seeds.SshKey)!, name);
        File.WriteAllText(file, pem);
        return file;
    }
}
