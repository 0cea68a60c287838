using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>All members of etcd lose their disks, and Kubernetes comes back from one file.</summary>
public sealed class EtcdLostTests : IDisposable
{
    private const string Master = "10.240.0.21";
    private const string Worker = "10.240.0.31";
    private const int NodePort = 30080;

    private static readonly string[] _etcd = ["10.240.0.11", "10.240.0.12", "10.240.0.13"];

    private readonly ITestOutputHelper _output;
    private readonly string _folder = BakedImage.RunFolder(nameof(EtcdLostTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;
    private readonly List<Machine> _machines = [];

    public EtcdLostTests(ITestOutputHelper output)
    {
        _output = output;
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
        _network.SetRecords("etcd.demo.k8s", _etcd);
        _network.SetRecords("masters.demo.k8s", [Master]);
        _network.SetRecords("workers.demo.k8s", [Worker]);
    }

    private string Backup => Path.Combine(_folder, "demo.backup");

    private string Known => Path.Combine(_folder, "known_hosts");

    [Fact]
    [Trait("Category", "Full")]
    public void One_blank_member_is_restored_from_a_backup_the_others_join_it_and_Kubernetes_goes_on()
    {
        string seed = _seeds.Role("etcd", size: 3);
        Machine[] members = [.. _etcd.Select((address, index) => New($"etcd{index + 1}", seed, address))];
        Array.ForEach(members, member => member.Start());
        Machine master = New("master1", _seeds.Role("master"), Master), worker = New("worker1", _seeds.Role("worker"), Worker);
        master.Start();
        worker.Start();
        master.WaitFor("bootstrapper: ready: kube-apiserver.service", 600);
        Kubectl kubectl = new(_network, _seeds, Master);
        kubectl.WaitFor("a worker that is Ready", 600, nodes => Regex.IsMatch(nodes, @"(?m)^worker\S+ +Ready +worker "), worker, "get", "nodes", "--no-headers");
        kubectl.Apply(EchoPods.Manifest("echo", 1, NodePort));
        WaitForPods(kubectl, worker, "echo", 1);
        kubectl.Run("create", "configmap", "before");

        ABackupIsFetchedOnlyFromWhoIsKnown();
        kubectl.Run("create", "configmap", "after");

        foreach (Machine member in members)
        {
            member.CutPower();
            member.Wipe();
        }

        members[0].Start();
        members[0].WaitFor(@"bootstrapper: etcd\.service: waiting for ", 120);
        Stopwatch restoring = Stopwatch.StartNew();
        ABackupIsRestoredByWhoMeansIt();
        members[1].Start();
        members[2].Start();
        new EtcdClient(_network, _seeds).WaitForVoters(_etcd, 300);
        _output.WriteLine($"three members {restoring.Elapsed.TotalSeconds:F0} s after the restore began");

        kubectl.WaitFor("the API server again", 120, names => names.Contains("configmap/before", StringComparison.Ordinal), master, "get", "configmaps", "-o", "name")
            .ShouldNotContain("configmap/after");
        kubectl.WaitFor("a worker that is Ready again", 180, nodes => Regex.IsMatch(nodes, @"(?m)^worker\S+ +Ready +worker "), worker, "get", "nodes", "--no-headers");
        ControllersSchedulerAndKubeletsSeeWhatChanges(kubectl, worker);
        _output.WriteLine($"pods come and go {restoring.Elapsed.TotalSeconds:F0} s after the restore began");
    }

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        _network.Dispose();
    }

    private void ABackupIsFetchedOnlyFromWhoIsKnown()
    {
        string[] hosts = [.. _etcd.SelectMany(address => new[] { "--host", address })];
        File.WriteAllText(Known, "");
        JudgeResult refused = Baker(["backup", "--out", Backup, "--known-hosts", Known, .. hosts]);
        refused.ExitCode.ShouldBe(3);
        refused.Error.ShouldContain("BAKE0845");
        File.Exists(Backup).ShouldBeFalse();

        JudgeResult made = Baker(["backup", "--out", Backup, .. hosts]);
        made.ExitCode.ShouldBe(0, made.Output + made.Error);
        made.Error.ShouldContain($"{_etcd[0]} is etcd1, asked for the first time: ");
        TheKeysAreThoseThatSshFinds();
        made.Output.Trim().ShouldMatch(@": revision \d+, \d+ keys; restored, and served by an etcd of its own$");
        File.ReadAllText(Backup, Encoding.Latin1).ShouldNotContain("/registry/");
        File.Exists(Backup + ".partial").ShouldBeFalse();
    }

    private void ABackupIsRestoredByWhoMeansIt()
    {
        string[] order = ["restore", Backup, "--host", _etcd[0], "--master", Master];
        JudgeResult unconfirmed = Baker(order);
        unconfirmed.ExitCode.ShouldNotBe(0);
        unconfirmed.Error.ShouldContain("BAKE0849");

        JudgeResult restored = Baker([.. order, "--yes"]);
        restored.ExitCode.ShouldBe(0, restored.Output + restored.Error);
        restored.Output.Trim().Split('\n').ShouldBe([
            $"{_etcd[0]} has the snapshot and can be restored from it",
            $"{_etcd[0]} is a cluster with what the backup holds",
            $"{Master} starts its API server anew"]);
        restored.Error.ShouldContain($"{_etcd[0]} is another machine than before, etcd1 (before etcd1)");
        string left = _machines[0].Ssh(_seeds.SshKey, "sudo ls /var/lib/bootstrapper/etcd");
        left.ShouldNotContain("from-backup");
        left.ShouldNotContain("drill\n");
    }

    private static void ControllersSchedulerAndKubeletsSeeWhatChanges(Kubectl kubectl, Machine worker)
    {
        WaitForPods(kubectl, worker, "echo", 1);
        kubectl.Run("scale", "deployment", "echo", "--replicas=2");
        WaitForPods(kubectl, worker, "echo", 2);
        kubectl.Apply(EchoPods.Manifest("later", 1, NodePort + 1));
        WaitForPods(kubectl, worker, "later", 1);
        string service = kubectl.Run("get", "service", "later", "-o", "jsonpath={.spec.clusterIP}");
        string pod = kubectl.Run("get", "pods", "-l", "app=later", "-o", "name").Trim().Split('/')[1];
        kubectl.WaitFor("the new Service", 60, answer => answer.Trim() == pod, worker, "exec", pod, "--", "/bin/sh", "-c", EchoPods.Ask(service, 80));
        kubectl.Run("delete", "deployment", "echo");
        WaitForPods(kubectl, worker, "echo", 0);
    }

    private static void WaitForPods(Kubectl kubectl, Machine worker, string app, int count) => kubectl.WaitFor(
        $"{count} pods of {app}", 240,
        pods => Regex.Count(pods, @"(?m)^\S+ +1/1 +Running ") == count && pods.Count(character => character == '\n') == count,
        worker, "get", "pods", "--no-headers", "-l", $"app={app}");

    private void TheKeysAreThoseThatSshFinds()
    {
        JudgeResult asked = Baker(["known-hosts", "--master", Master, "--worker", Worker, .. _etcd.SelectMany(address => new[] { "--etcd", address })], key: false);
        asked.ExitCode.ShouldBe(0, asked.Output + asked.Error);
        JudgeResult scan = _network.Try("ssh-keyscan", ["-T", "20", "-t", "ed25519,ecdsa", .. _etcd, Master, Worker], input: null);
        string[] found = [.. scan.Output.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Order(StringComparer.Ordinal)];
        found.Length.ShouldBe(2 * (_etcd.Length + 2), scan.Output + scan.Error);
        File.ReadAllLines(Path.Combine(_seeds.Secrets, "known_hosts")).Order(StringComparer.Ordinal).ShouldBe(found);
    }

    private JudgeResult Baker(string[] arguments, bool key = true) => _network.Try(
        "dotnet",
        [
            BakedImage.Baker, .. arguments, "--secrets", Path.GetDirectoryName(_seeds.Secrets)!,
            .. key ? (string[])["--ssh-key", _seeds.SshKey] : [],
        ],
        input: null);

    private Machine New(string name, string seed, string address)
    {
        Machine machine = Machine.New(new MachineOptions
        {
            Name = name,
            Folder = _folder,
            Seed = seed,
            Network = _network,
            Address = address,
            MemoryMebibytes = 1536,
        });
        _machines.Add(machine);
        return machine;
    }
}
