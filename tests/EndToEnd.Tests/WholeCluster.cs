using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>What a machine that is a whole cluster does once its Node is Ready: pods that run and answer, and who may ask what.</summary>
internal sealed class WholeCluster
{
    private readonly string _folder;
    private readonly LoneMachine _one;
    private readonly Machine _machine;
    private readonly Kubectl _kubectl;
    private readonly ClientIdentity _somebody;
    private readonly ClientIdentity _somebodyElse;

    /// <summary>Certificates begin now: the machine's clock, which may be a little behind, has passed that when they are shown.</summary>
    /// <param name="folder">For files of the run.</param>
    /// <param name="one">Not yet started.</param>
    public WholeCluster(string folder, LoneMachine one)
    {
        (_folder, _one, _machine, _kubectl) = (folder, one, one.Machine, one.Kubectl());
        (_somebody, _somebodyElse) = (one.Seeds.Client("kubernetes"), one.Seeds.Client("etcd-client"));
    }

    public void StartAndJudge()
    {
        _one.StartAndWaitForNode(_kubectl);
        string pod = APodRunsAndAnswers();
        APodResolvesTheClustersNames(pod);
        TheRuntimesProfileConfinesThePod(pod);
        TheImagesAddOnStands();
        ServicesAloneReachTheCloudsMetadata(pod);
        TheKubeletTellsWhatTheNodeUsesAndWhoMayNotAsk();
        ASecretIsEncryptedInEtcd();
        TheAuditLogTellsWhoMadeItAndNotWhatItIs();
        OpensslAgreesOnTheKubeletsCertificates();
        _one.SystemHealth().ShouldBe(("running", ""));
    }

    private string APodRunsAndAnswers()
    {
        _kubectl.Apply(EchoPods.Manifest("echo", replicas: 1, LoneMachine.NodePort));
        string pod = _kubectl.WaitFor("a pod that is Ready", 600, pods => Regex.IsMatch(pods, @"^echo-\S+ +1/1 +Running "), _machine, "get", "pods", "--no-headers").Split(' ')[0];
        string clusterAddress = _kubectl.Run("get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}");
        _kubectl.WaitFor("the pod at its ClusterIP, from a pod", 120, answer => answer.Trim() == pod, _machine, "exec", pod, "--", "/bin/sh", "-c", EchoPods.Ask(clusterAddress, 80));
        _one.Run(EchoPods.Ask(clusterAddress, 80)).Trim().ShouldBe(pod, "by its ClusterIP, from the machine");
        _one.Network.Try("curl", "--silent", "--show-error", "--max-time", "60", $"http://{_machine.Address}:{LoneMachine.NodePort}/").Output.Trim().ShouldBe(pod, "by its NodePort, from outside");
        _kubectl.Run("logs", pod).ShouldStartWith($"{pod} listens\n");
        return pod;
    }

    private void APodResolvesTheClustersNames(string pod)
    {
        string Resolve(string name) => _kubectl.WaitFor($"an address of {name} in a pod", 120, _ => true, _machine, "exec", pod, "--", "getent", "hosts", name);
        string address = _kubectl.Run("get", "pod", pod, "-o", "jsonpath={.status.podIP}");
        Resolve("kubernetes.default.svc.cluster.local").ShouldMatch(@"^10\.32\.0\.1 +kubernetes\.default\.svc\.cluster\.local\n$");
        Resolve("kubernetes.default").ShouldMatch(@"^10\.32\.0\.1 +", "by the pod's search list");
        Resolve("echo-pods").ShouldMatch($@"^{Regex.Escape(address)} +echo-pods\.default\.svc\.cluster\.local\n$", "headless: the pod itself");
        Resolve("echo").ShouldStartWith(_kubectl.Run("get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}") + " ");
    }

    /// <summary>A container's kernel is this machine's, whose profiles are not the node's.</summary>
    private void TheRuntimesProfileConfinesThePod(string pod)
    {
        if (_machine is VirtualMachine)
        {
            _kubectl.Run("exec", pod, "--", "cat", "/proc/self/attr/current").Trim('\0', '\n').ShouldBe("cri-containerd.apparmor.d (enforce)");
        }
    }

    private void TheImagesAddOnStands() => _kubectl.WaitFor(
        "the Service kube-dns of the image's add-ons", 120, answer => answer == "10.32.0.10 images", _machine,
        "get", "service", "--namespace", "kube-system", "kube-dns", "-o", @"jsonpath={.spec.clusterIP} {.metadata.labels.service\.kubernetes\.io/service-proxy-name}");

    private void ServicesAloneReachTheCloudsMetadata(string pod)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "files")).FullName;
        File.WriteAllText(Path.Combine(folder, "user-data"), "the cloud's secrets\n");
        string metadata = Ask(_one.Network.ServeCloudMetadata(folder)), elsewhere = Ask(_one.Network.ServeFiles(folder));
        string InPod(string command) => _kubectl.Run("exec", pod, "--", "/bin/sh", "-c", command);
        _machine.Ssh(_one.Seeds.SshKey, "sudo systemd-run --quiet --wait --pipe /bin/sh", input: Encoding.ASCII.GetBytes(metadata))
            .ShouldBe("the cloud's secrets\n", "a service of the machine reaches it");
        // in a container the kernel may not tell the node's services from users' programs, and the console says so
        bool isTold = _machine.Console.Text.Contains("pods with hostNetwork and users' programs are not kept from ", StringComparison.Ordinal);
        (_machine is VirtualMachine && isTold).ShouldBeFalse("the image's own kernel tells them apart");
        _one.Run(metadata).ShouldBe(isTold ? "the cloud's secrets\n" : "", "a program of a user");
        InPod(elsewhere).ShouldBe("the cloud's secrets\n", "the same server at another address");
        InPod(metadata).ShouldBeEmpty();
    }

    /// <summary>A shell's command that prints what a web server has, or nothing.</summary>
    private static string Ask(string url)
    {
        Uri server = new(url);
        return $"printf 'GET /user-data HTTP/1.1\\r\\nHost: {server.Authority}\\r\\nConnection: close\\r\\n\\r\\n' | socat -t 20 - TCP:{server.Host}:{server.Port},connect-timeout=20 2> /dev/null | tail -n 1";
    }

    /// <summary>Kubernetes 1.20 as released reads zeros for the whole node where there are control groups of version 2.</summary>
    private void TheKubeletTellsWhatTheNodeUsesAndWhoMayNotAsk()
    {
        string node = _kubectl.Run("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}");
        using JsonDocument statistics = JsonDocument.Parse(_kubectl.Run("get", "--raw", $"/api/v1/nodes/{node}/proxy/stats/summary"));
        JsonElement whole = statistics.RootElement.GetProperty("node"), memory = whole.GetProperty("memory");
        whole.GetProperty("cpu").GetProperty("usageCoreNanoSeconds").GetInt64().ShouldBeGreaterThan(1_000_000_000);
        long ceiling = _machine is VirtualMachine ? 3L << 30 : long.MaxValue; // a container has the memory of this machine
        memory.GetProperty("workingSetBytes").GetInt64().ShouldBeInRange(64L << 20, ceiling);
        memory.GetProperty("availableBytes").GetInt64().ShouldBeInRange(64L << 20, ceiling);

        string Status(params string[] shown) => _one.Network.Try(
            "curl", ["--silent", "--insecure", "--max-time", "60", "--output", "/dev/null", "--write-out", "%{http_code}", .. shown, $"https://{_machine.Address}:10250/pods"]).Output;
        Status().ShouldBe("401", "nobody");
        AsShown(_somebodyElse).ShouldBe("401", "somebody of another authority");
        AsShown(_somebody).ShouldBe("403", "somebody without rights");

        string AsShown(ClientIdentity identity) => Status("--cert", identity.Certificate, "--key", identity.Key);
    }

    private void ASecretIsEncryptedInEtcd()
    {
        _kubectl.Run("create", "secret", "generic", "precious", "--from-literal=word=butterfly");
        _kubectl.Run("get", "secret", "precious", "-o", "jsonpath={.data.word}").ShouldBe("YnV0dGVyZmx5");
        string stored = new EtcdClient(_one.Network, _one.Seeds).Run([_machine.Address], "get", "--print-value-only", "/registry/secrets/default/precious");
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
        string node = _kubectl.Run("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}");
        JudgeResult Verify(string purpose, string file, params string[] more) => Judge.Try("openssl", ["verify", "-purpose", purpose, "-CAfile", authority, .. more, file]);
        Verify("sslclient", client).ExitCode.ShouldBe(0);
        Verify("sslserver", client).ExitCode.ShouldNotBe(0);
        Verify("sslserver", server, "-verify_ip", _one.OwnAddress).ExitCode.ShouldBe(0);
        Verify("sslserver", server, "-verify_hostname", node).ExitCode.ShouldBe(0);
        Verify("sslserver", server, "-verify_ip", "10.240.0.12").ExitCode.ShouldNotBe(0);
        Verify("sslclient", server).ExitCode.ShouldNotBe(0);
        foreach (string file in new[] { client, server })
        {
            string subject = Judge.Run("openssl", "x509", "-in", file, "-noout", "-subject");
            subject.ShouldContain("O = system:nodes");
            subject.ShouldContain($"CN = system:node:{node}");
            Judge.Try("openssl", "x509", "-in", file, "-noout", "-checkend", "2505600").ExitCode.ShouldBe(0, "29 days are left");
            Judge.Try("openssl", "x509", "-in", file, "-noout", "-checkend", "2592000").ExitCode.ShouldBe(1, "and not 30");
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
