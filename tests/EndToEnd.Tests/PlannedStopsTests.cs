using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>Machines that are switched off or restarted in order: pods move away first, and masters go soon.</summary>
public sealed class PlannedStopsTests : IDisposable
{
    private const string Etcd = "10.240.0.11";
    private const int NodePort = 30080;
    private const double MostFailures = 0.01;

    private static readonly string[] _masters = ["10.240.0.21", "10.240.0.22"];
    private static readonly string[] _workers = ["10.240.0.31", "10.240.0.32"];
    private static readonly TimeSpan _longestStop = TimeSpan.FromSeconds(20);

    private readonly ITestOutputHelper _output;
    private readonly string _folder = BakedImage.RunFolder(nameof(PlannedStopsTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;
    private readonly List<Machine> _machines = [];

    public PlannedStopsTests(ITestOutputHelper output)
    {
        _output = output;
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
        _network.SetRecords("etcd.demo.k8s", [Etcd]);
        _network.SetRecords("masters.demo.k8s", _masters);
        _network.SetRecords("workers.demo.k8s", _workers);
    }

    [Fact]
    [Trait("Category", "Full")]
    public void A_worker_s_reboot_fails_one_request_in_a_hundred_at_most_and_a_master_is_off_within_twenty_seconds()
    {
        Start("etcd1", _seeds.Role("etcd", 1), Etcd);
        string master = _seeds.Role("master"), worker = _seeds.Role("worker");
        Machine[] masters = [Start("master1", master, _masters[0]), Start("master2", master, _masters[1])];
        Machine[] workers = [Start("worker1", worker, _workers[0]), Start("worker2", worker, _workers[1])];
        foreach (Machine machine in masters)
        {
            machine.WaitFor("bootstrapper: ready: kube-apiserver.service", 600);
        }

        Kubectl kubectl = new(_network, _seeds, _masters[1]);
        WaitForNodes(kubectl, workers[1]);
        kubectl.Apply(EchoPods.Manifest("echo", 2, NodePort));
        WaitForPods(kubectl, workers[1]);

        AWorkersRebootIsADrain(kubectl, workers);
        AMasterIsOffSoon(masters);
    }

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        _network.Dispose();
    }

    private void AWorkersRebootIsADrain(Kubectl kubectl, Machine[] workers)
    {
        string stop = Path.Combine(_folder, "stop");
        File.Delete(stop);
        Task<string> asking = Task.Run(() => Asking(_workers[1], stop));
        Thread.Sleep(TimeSpan.FromSeconds(5)); // what it is like before
        int before = workers[0].Console.Text.Length;
        workers[0].TrySsh(_seeds.SshKey, "sudo systemctl --no-block reboot"); // its answer may be lost with the machine
        workers[0].WaitFor(@"node-drain\.service: no pod is left that others replace", 60, before);
        workers[0].WaitForEnd(120);
        workers[0].Start();
        workers[0].WaitFor(@"bootstrapper: ready: kubelet\.service", 300);
        WaitForNodes(kubectl, workers[0]);
        WaitForPods(kubectl, workers[0]);
        Thread.Sleep(TimeSpan.FromSeconds(5));
        File.WriteAllText(stop, "");

        string[] answers = asking.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int failed = answers.Count(answer => !answer.StartsWith("echo-", StringComparison.Ordinal));
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{failed} of {answers.Length} requests failed while a worker restarted"));
        answers.Length.ShouldBeGreaterThan(200);
        answers.Distinct(StringComparer.Ordinal).Count(answer => answer.StartsWith("echo-", StringComparison.Ordinal)).ShouldBeGreaterThan(2, "a pod is another one after");
        failed.ShouldBeLessThanOrEqualTo((int)Math.Ceiling(answers.Length * MostFailures));
    }

    private void AMasterIsOffSoon(Machine[] masters)
    {
        foreach (Machine master in masters)
        {
            Machine other = masters.Single(machine => machine != master);
            int before = master.Console.Text.Length;
            Stopwatch stopping = Stopwatch.StartNew();
            master.Shutdown(_seeds.SshKey);
            stopping.Stop();
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{master.Name} was off after {stopping.Elapsed.TotalSeconds:F1} s"));
            // systemd's last program names there whom it has waited for ("Waiting for process: …")
            stopping.Elapsed.ShouldBeLessThan(_longestStop, master.Console.Text[before..]);
            new Kubectl(_network, _seeds, other.Address).WaitFor(
                "the other master's API", 10, nodes => Regex.Count(nodes, @"(?m) Ready ") == 2, other, "get", "nodes", "--no-headers");
            master.Start();
            master.WaitFor("bootstrapper: ready: kube-apiserver.service", 300);
        }
    }

    /// <summary>A line a request, each of a connection of its own: the pod's name, or "none".</summary>
    private string Asking(string address, string stop)
    {
        string script = string.Create(CultureInfo.InvariantCulture, $$"""
            while [ ! -e {{stop}} ]; do
              timeout 2 bash -c 'exec 3<>/dev/tcp/{{address}}/{{NodePort}} && echo GET / >&3 && tail -n 1 <&3' 2> /dev/null | grep . || echo none
              sleep 0.05
            done
            """);
        JudgeResult result = _network.Try("bash", "-c", script);
        return result.Output;
    }

    private static void WaitForNodes(Kubectl kubectl, Machine machine) => kubectl.WaitFor(
        "two workers that are Ready and take pods", 600, nodes => Regex.Count(nodes, @"(?m)^worker\S+ +Ready +worker ") == 2, machine,
        "get", "nodes", "--no-headers");

    private static void WaitForPods(Kubectl kubectl, Machine machine) => kubectl.WaitFor(
        "two pods that are Ready", 300, pods => Regex.Count(pods, @"(?m)^echo-\S+ +1/1 +Running ") == 2, machine, "get", "pods", "--no-headers");

    private Machine Start(string name, string seed, string address)
    {
        Machine machine = Machine.New(new MachineOptions
        {
            Name = name,
            Folder = _folder,
            Seed = seed,
            Network = _network,
            Address = address,
            MemoryMebibytes = 2048,
            Processors = 2,
        });
        _machines.Add(machine);
        machine.Start();
        return machine;
    }
}
