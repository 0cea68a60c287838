using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.Cluster.Tests;

/// <summary>The pods of hello/hello.yaml in a cluster.</summary>
internal sealed partial class HelloPods
{
    private readonly TestCluster _cluster;

    private HelloPods(TestCluster cluster, int port)
    {
        _cluster = cluster;
        Port = port;
    }

    /// <summary>The Service's port on every node.</summary>
    public int Port { get; }

    /// <summary>Applies the manifest, with a NodePort that is free on this machine, and waits until its pods are Ready.</summary>
    public static HelloPods Start(TestCluster cluster)
    {
        int port = FreeNodePort();
        string manifest = File.ReadAllText(Path.Combine(Checkout.Folder, "hello", "hello.yaml"));
        cluster.Apply(manifest.Replace("nodePort: 30080", string.Create(CultureInfo.InvariantCulture, $"nodePort: {port}"), StringComparison.Ordinal));
        HelloPods pods = new(cluster, port);
        pods.WaitUntilReady(2);
        return pods;
    }

    /// <summary>Those that run already.</summary>
    public static HelloPods Of(TestCluster cluster) => new(cluster, int.Parse(
        cluster.Kubectl("get", "service", "hello", "-o", "jsonpath={.spec.ports[0].nodePort}"), CultureInfo.InvariantCulture));

    /// <summary>Name, address and node of each, by name.</summary>
    public IReadOnlyList<(string Name, string Address, string Node)> WaitUntilReady(int count) =>
    [
        .. _cluster.WaitForKubectl(
            $"{count} pods that are Ready", 120, output => ReadyPod().Count(output) == count && output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == count,
            "get", "pods", "-l", "app=hello", "-o", "wide", "--no-headers")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(fields => (fields[0], fields[5], fields[6])),
    ];

    /// <summary>What the page says at its NodePort, from this machine.</summary>
    /// <param name="seconds">
    /// How long it may take: after a start of all masters nobody tells the Services of pods' new addresses before the
    /// controller manager has waited for the end of its former lease, some 70 s.
    /// </param>
    public string AskFromHost(int seconds = 30) => TestCluster.WaitFor(
        $"the page at 127.0.0.1:{Port}", seconds, () => Judge.Try("curl", "--silent", "--show-error", "--max-time", "5", $"http://127.0.0.1:{Port}/"), answer => answer.ExitCode == 0).Output;

    /// <summary>What the page says at an address, from a pod.</summary>
    public string AskFromPod(string pod, string address) => _cluster.WaitForKubectl(
        $"the page at {address} from {pod}", 30, output => output.StartsWith("Hello from the pod ", StringComparison.Ordinal),
        "exec", pod, "--", "/usr/bin/busybox", "wget", "-q", "-T", "5", "-O", "-", $"http://{address}/");

    public string ClusterAddress() => _cluster.Kubectl("get", "service", "hello", "-o", "jsonpath={.spec.clusterIP}");

    private static int FreeNodePort()
    {
        for (int port = 30100 + (Environment.ProcessId % 2000); ; port++)
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken; the next one
            }
        }
    }

    // the columns RESTARTS and AGE may hold a blank in parentheses in later versions; 0 restarts have none
    [GeneratedRegex(@"^hello-\S+ +1/1 +Running ", RegexOptions.Multiline)]
    private static partial Regex ReadyPod();
}
