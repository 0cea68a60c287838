using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Services of type LoadBalancer of a cluster with two lbs and two workers, asked from outside, while some of them fail.</summary>
public sealed class BalancedServicesTests : IDisposable
{
    private const string Control = "10.240.0.21";
    private const string VirtualAddress = "10.240.0.40";
    private const string First = "10.240.0.64", Second = "10.240.0.65";

    private static readonly string[] _workers = ["10.240.0.31", "10.240.0.32"];
    private static readonly string[] _lbs = ["10.240.0.41", "10.240.0.42"];
    private static readonly string[] _agreed = ["--vip", $"lb={VirtualAddress}", "--lb-pool", "10.240.0.64/30"];

    private readonly string _folder = BakedImage.RunFolder(nameof(BalancedServicesTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;
    private readonly List<Machine> _machines = [];

    public BalancedServicesTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
        _network.SetRecords("etcd.demo.k8s", [Control]);
        _network.SetRecords("masters.demo.k8s", [Control]);
    }

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        _network.Dispose();
    }

    [Fact]
    public void TCP_and_UDP_answer_from_outside_and_nothing_else_does() => Forward(workers: 1, lbs: 1);

    [Fact]
    [Trait("Category", "Full")]
    public void They_go_on_through_the_loss_of_an_lb_and_of_a_worker_and_end_with_their_Services()
    {
        (Machine master, Machine[] workers, Machine[] lbs) = Forward(workers: 2, lbs: 2);
        Kubectl kubectl = new(_network, _seeds, Control);

        Holder(lbs, First).CutPower();
        WaitUntilBothAnswer(15);
        workers[0].CutPower();
        WaitUntilBothAnswer(30);
        kubectl.WaitFor("the dead worker's pods out of the Services", 90, text => Regex.IsMatch(text, @"^worker\S+ +NotReady ", RegexOptions.Multiline), master, "get", "nodes", "--no-headers");
        Thread.Sleep(TimeSpan.FromSeconds(3)); // until the other worker's kube-proxy knows it
        string[] answers = [.. Enumerable.Range(0, 30).SelectMany(_ => new[] { $"TCP {Tcp()}", $"UDP {Udp()}" })];
        answers.ShouldAllBe(answer => answer.Contains(" echo-", StringComparison.Ordinal), string.Join('\n', answers));

        kubectl.Run("delete", "service", "tcp", "udp");
        Machine left = lbs.Single(machine => machine.IsRunning);
        DateTime end = DateTime.UtcNow.AddSeconds(15);
        while (left.Ssh(_seeds.SshKey, "ip -o -4 address show dev eth0") is { } held && (held.Contains(First, StringComparison.Ordinal) || held.Contains(Second, StringComparison.Ordinal)))
        {
            DateTime.UtcNow.ShouldBeLessThan(end, held);
            Thread.Sleep(500);
        }

        left.Ssh(_seeds.SshKey, "ip -o -4 address show dev eth0").ShouldContain(VirtualAddress);
        (Tcp(), Udp()).ShouldBe(("", ""));
    }

    private (Machine Master, Machine[] Workers, Machine[] Lbs) Forward(int workers, int lbs)
    {
        string[] workersAddresses = [.. _workers.Take(workers)], lbsAddresses = [.. _lbs.Take(lbs)];
        _network.SetRecords("workers.demo.k8s", workersAddresses);
        _network.SetRecords("lb.demo.k8s", lbsAddresses);
        Machine master = Start("master", _seeds.Role("etcd,master", 1, _agreed), Control, 2048);
        string worker = _seeds.Role("worker"), lb = _seeds.Role("lb");
        Machine[] all = [.. workersAddresses.Select((address, index) => Start($"worker{index + 1}", worker, address, 1536))];
        Machine[] balancers = [.. lbsAddresses.Select((address, index) => Start($"lb{index + 1}", lb, address, 512))];
        Kubectl kubectl = new(_network, _seeds, Control);
        master.WaitFor(@"bootstrapper: ready: kube-scheduler\.service", 300);
        kubectl.Apply(Manifest); // before there are Nodes: whoever comes starts with it
        kubectl.WaitFor("Nodes that are Ready", 120, text => Regex.Count(text, @"^worker\S+ +Ready ", RegexOptions.Multiline) == workers, master, "get", "nodes", "--no-headers");
        Array.ForEach(balancers, machine => machine.WaitFor(@"bootstrapper: ready: haproxy\.service", 120));

        kubectl.WaitFor("pods that are Ready", 120, text => Regex.Count(text, @" 1/1 ") == workers, master, "get", "pods", "--no-headers");
        kubectl.WaitFor("two addresses", 30, text => text.Contains(First, StringComparison.Ordinal) && text.Contains(Second, StringComparison.Ordinal), master, "get", "services", "--no-headers");
        WaitUntilBothAnswer(40);
        _network.Try("socat", "-t", "1", "-", $"TCP:{First}:22,connect-timeout=1").Output.ShouldBeEmpty("the lb's own ports are not open there");
        return (master, all, balancers);
    }

    private void WaitUntilBothAnswer(int seconds)
    {
        DateTime begin = DateTime.UtcNow;
        int inRow = 0;
        while (inRow < 3)
        {
            (string tcp, string udp) = (Tcp(), Udp());
            inRow = tcp.Length > 0 && udp.Length > 0 ? inRow + 1 : 0;
            (DateTime.UtcNow - begin).TotalSeconds.ShouldBeLessThan(
                seconds, $"TCP: '{tcp}', UDP: '{udp}'\n{string.Join('\n', _machines.Where(machine => machine.Name.StartsWith("lb", StringComparison.Ordinal)).Select(machine => machine.Console.Tail()))}");
            Thread.Sleep(50); // a port that is closed says so at once
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"both answer after {(DateTime.UtcNow - begin).TotalSeconds:F1} s"));
    }

    // -t: how long a socat, this one or the pod's, waits for the answer once it has all of the question
    private string Tcp() => _network.Try("socat", "-t", "2", "-", $"TCP:{First}:80,connect-timeout=2").Output.Trim();

    // UDP has no end, so a socat would wait for its whole patience behind each answer
    private string Udp() => _network.Try("bash", "-c", $"exec 3<>/dev/udp/{Second}/53 && echo x >&3 && timeout 2 head -n 1 <&3").Output.Trim();

    private Machine Holder(IEnumerable<Machine> machines, string address) =>
        machines.Single(machine => machine.Ssh(_seeds.SshKey, $"ip -o -4 address show to {address}/32").Trim().Length > 0);

    private Machine Start(string name, string seed, string address, int memory)
    {
        Machine machine = Machine.New(new MachineOptions
        {
            Name = name,
            Folder = _folder,
            Seed = seed,
            Network = _network,
            Address = address,
            MemoryMebibytes = memory,
        });
        _machines.Add(machine);
        machine.Start();
        return machine;
    }

    /// <summary>
    /// A pod on each worker. Kubernetes 1.20 takes no Service with both protocols, and sends to pods of a worker that is gone for forty seconds, but for
    /// the policy Local.
    /// </summary>
    private static string Manifest => $$"""
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: { name: echo }
        spec:
          selector: { matchLabels: { app: echo } }
          template:
            metadata: { labels: { app: echo } }
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: echo
                  image: images.local/pause:1
                  imagePullPolicy: Never
                  command: [/bin/sh, -c]
                  args: ["socat -t 5 UDP-RECVFROM:8053,fork SYSTEM:hostname & exec socat -t 5 TCP-LISTEN:8080,fork,reuseaddr SYSTEM:hostname"]
                  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, timeoutSeconds: 20 }
                  volumeMounts: [{{MachinePrograms.Mounts}}]
              volumes: [{{MachinePrograms.Volumes}}]
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: tcp }
        spec: { type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerIP: {{First}}, selector: { app: echo }, ports: [{ port: 80, targetPort: 8080 }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: udp }
        spec: { type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerIP: {{Second}}, selector: { app: echo }, ports: [{ port: 53, protocol: UDP, targetPort: 8053 }] }
        """;
}
