using System.Text.RegularExpressions;
using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>etcd, a master and workers, each a machine of one image, which find each other by DNS.</summary>
public sealed class JoiningWorkersTests : IDisposable
{
    private const string Etcd = "10.240.0.11";
    private const string Master = "10.240.0.21";
    private const int NodePort = 30080;
    private static readonly string[] _workers = ["10.240.0.31", "10.240.0.32", "10.240.0.33"];

    private readonly LabCluster _lab = new(BakedImage.RunFolder(nameof(JoiningWorkersTests)));

    public JoiningWorkersTests()
    {
        _lab.Network.SetRecords("etcd.demo.k8s", [Etcd]);
        _lab.Network.SetRecords("workers.demo.k8s", _workers[..2]);
    }

    [Fact]
    public void Workers_that_started_before_the_master_join_it_and_their_pods_reach_each_other()
    {
        (Kubectl kubectl, Machine master, Machine[] workers) = StartWorkersBeforeTheMaster("routed");
        WaitForWorkers(kubectl, master, 2);
        AnotherRolesUnitIsEnabledAndItsConditionUnmet(workers[0], "kube-apiserver.service");
        PodsReachEachOther(kubectl, master);
    }

    [Fact]
    [Trait("Category", "Full")]
    public void Over_an_overlay_workers_do_so_too_keep_who_they_are_and_another_one_joins_by_the_older_form_of_a_seed()
    {
        (Kubectl kubectl, Machine master, Machine[] workers) = StartWorkersBeforeTheMaster("overlay");
        Dictionary<string, string> nodes = WaitForWorkers(kubectl, master, 2);
        PodsReachEachOther(kubectl, master);
        ARebootKeepsTheNode(kubectl, workers[0], nodes[workers[0].Address]);

        _lab.Network.SetRecords("minions.demo.k8s", [_workers[2]]); // the older name of workers
        _lab.Start("worker3", SysconfigSeed("overlay"), _workers[2], 1536, processors: 1);
        WaitForWorkers(kubectl, master, 3)[_workers[2]].ShouldBe("worker3.example.com");
        PodsReachEachOther(kubectl, master, count: 3);
    }

    public void Dispose() => _lab.Dispose();

    private (Kubectl Kubectl, Machine Master, Machine[] Workers) StartWorkersBeforeTheMaster(string podNetwork)
    {
        Machine etcd = _lab.Start("etcd", _lab.Seeds.Role("etcd", 1), Etcd, 1024, processors: 1);
        string seed = _lab.Seeds.Role("worker", size: null, "--network", podNetwork);
        Machine[] workers = [_lab.Start("worker1", seed, _workers[0], 1536, processors: 1), _lab.Start("worker2", seed, _workers[1], 1536, processors: 1)];
        foreach (Machine worker in workers)
        {
            worker.WaitFor(@"bootstrapper: kubelet\.service: waiting for 1 of master in DNS .*masters\.demo\.k8s\.", 600);
        }

        etcd.WaitFor("bootstrapper: ready: etcd.service", 600);
        _lab.Network.SetRecords("masters.demo.k8s", [Master]);
        Machine master = _lab.Start("master", _lab.Seeds.Role("master", size: null, "--network", podNetwork), Master, 2048, processors: 2);
        return (_lab.Kubectl(Master), master, workers);
    }

    /// <summary>The form of older images: role, cluster and name in a sysconfig file, secrets in files.</summary>
    private string SysconfigSeed(string podNetwork)
    {
        string Secret(string name) => string.Join('\n', File.ReadAllText(Path.Combine(_lab.Seeds.Secrets, name)).TrimEnd().Split('\n').Select(line => "      " + line));
        return _lab.Seeds.Genisoimage(
            "sysconfig",
            $$"""
            #cloud-config
            write_files:
              - path: /etc/sysconfig/kubernetes-minions
                content: |
                  CLUSTER_NAME={{_lab.Seeds.Cluster}}
                  KUBELET_HOSTNAME=--hostname-override=worker3.example.com
              - path: /etc/bootstrapper/pki/kubernetes.crt
                permissions: "0600"
                content: |
            {{Secret("kubernetes.crt")}}
              - path: /etc/bootstrapper/pki/bootstrap-token
                permissions: "0600"
                content: |
            {{Secret("worker.token")}}
            node:
              kubernetes: { network: {{podNetwork}} }
            """,
            "instance-id: worker3\nlocal-hostname: worker3\n");
    }

    /// <summary>Names of Nodes by their address.</summary>
    private static Dictionary<string, string> WaitForWorkers(Kubectl kubectl, Machine master, int count)
    {
        master.WaitFor("bootstrapper: ready: kube-apiserver.service", 600);
        kubectl.WaitFor($"{count} Nodes that are Ready workers", 900, text => Regex.Count(text, @"^worker\S+ +Ready +worker ", RegexOptions.Multiline) == count, master, "get", "nodes", "--no-headers");
        string addresses = kubectl.Run("get", "nodes", "-o", "jsonpath={range .items[*]}{.status.addresses[?(@.type==\"InternalIP\")].address} {.metadata.name}{\"\\n\"}{end}");
        return addresses.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToDictionary(words => words[0], words => words[1], StringComparer.Ordinal);
    }

    private void PodsReachEachOther(Kubectl kubectl, Machine master, int count = 2)
    {
        kubectl.Apply(EchoPods.Manifest("echo", count, NodePort));
        kubectl.WaitFor($"{count} pods that are Ready", 600, pods => Regex.Count(pods, @"^echo-\S+ +1/1 +Running ", RegexOptions.Multiline) == count, master, "get", "pods", "--no-headers");
        string[][] pods = [.. kubectl.Run("get", "pods", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.podIP} {.spec.nodeName}{\"\\n\"}{end}")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))];
        pods.Select(pod => pod[2]).Distinct(StringComparer.Ordinal).Count().ShouldBe(count, "each worker has one of them");
        foreach (string[] from in pods)
        {
            string[] to = pods[(Array.IndexOf(pods, from) + 1) % count];
            kubectl.Run("exec", from[0], "--", "/bin/sh", "-c", EchoPods.Ask(to[1], 8080)).Trim().ShouldBe(to[0]);
            _lab.Run(master, EchoPods.Ask(from[1], 8080)).Trim().ShouldBe(from[0], "masters have the routes, too");
        }

        string service = kubectl.Run("get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}");
        _lab.Run(master, EchoPods.Ask(service, 80)).Trim().ShouldStartWith("echo-");
    }

    private void ARebootKeepsTheNode(Kubectl kubectl, Machine worker, string node)
    {
        string uid = kubectl.Run("get", "node", node, "-o", "jsonpath={.metadata.uid}");
        string boot = kubectl.Run("get", "node", node, "-o", "jsonpath={.status.nodeInfo.bootID}");
        string certificate = Certificate(worker);
        worker.Shutdown(_lab.Seeds.SshKey);
        worker.Start();
        kubectl.WaitFor("the worker after its reboot", 900, text => text != boot, worker, "get", "node", node, "-o", "jsonpath={.status.nodeInfo.bootID}");
        kubectl.WaitFor("the worker after its reboot", 300, text => Regex.IsMatch(text, @"^\S+ +Ready +worker "), worker, "get", "node", node, "--no-headers");
        kubectl.Run("get", "node", node, "-o", "jsonpath={.metadata.uid}").ShouldBe(uid);
        Certificate(worker).ShouldBe(certificate);
    }

    private void AnotherRolesUnitIsEnabledAndItsConditionUnmet(Machine machine, string unit)
    {
        _lab.Run(machine, $"systemctl is-enabled {unit}").Trim().ShouldBe("enabled");
        machine.Ssh(_lab.Seeds.SshKey, $"systemctl status {unit}", mayFail: true).ShouldContain("start condition unmet");
    }

    private string Certificate(Machine worker) => _lab.Run(worker, "sudo sha256sum /var/lib/kubelet/pki/kubelet-client-current.pem");
}
