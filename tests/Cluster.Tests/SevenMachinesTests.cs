using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.Cluster.Tests;

/// <summary>Three etcd nodes, two masters, two workers: a cluster that outlives the loss of a node.</summary>
public sealed class SevenMachinesTests
{
    [Fact]
    public void A_cluster_loses_nodes_gets_them_back_grows_stops_and_goes_on()
    {
        using Person person = Person.Root();
        using TestCluster cluster = new(person, "seven");
        cluster.Baker(
            "up", "--name", cluster.Name, "--image", person.Image, "--nodes", "etcd=3,master=2,worker=2", "--no-uplink",
            "--load", "hello", "--plan", Path.Combine(Checkout.Folder, "image.yaml"));

        PodsOfBothWorkersReachEachOther(cluster);
        AMemberIsCutAndComesBack(cluster);
        AMemberIsWipedAndJoinsAnew(cluster);
        AWorkerIsAddedAndRunsPods(cluster);
        AllOfItGoesOnAfterDown(cluster);

        HostTraces traces = HostTraces.Of(cluster.Supervisor(), cluster.Folder, person.LoginGroups);
        cluster.Baker("delete");
        traces.Remaining().ShouldBeEmpty();
        Directory.Exists(cluster.Folder).ShouldBeFalse();
    }

    private static void PodsOfBothWorkersReachEachOther(TestCluster cluster)
    {
        ReadyNodes(cluster, "worker1", "worker2");
        IReadOnlyList<(string Name, string Address, string Node)> pods = HelloPods.Start(cluster).WaitUntilReady(2);
        pods.Select(pod => pod.Node).Order(StringComparer.Ordinal).ShouldBe(["worker1", "worker2"]);
        HelloPods hello = HelloPods.Of(cluster);
        hello.AskFromPod(pods[0].Name, $"{pods[1].Address}:8080").ShouldStartWith($"Hello from the pod {pods[1].Name} ");
        hello.AskFromPod(pods[1].Name, $"{pods[0].Address}:8080").ShouldStartWith($"Hello from the pod {pods[0].Name} ");
        hello.AskFromHost().ShouldStartWith("Hello from the pod ");
    }

    private static void AMemberIsCutAndComesBack(TestCluster cluster)
    {
        cluster.Baker("cut", "etcd2");
        cluster.StateOf("etcd2").ShouldBe("cut");
        cluster.WaitForKubectl("a write with a member gone", 60, output => output.Contains("created", StringComparison.Ordinal), "create", "configmap", "kept");
        cluster.Baker("start", "etcd2");
        cluster.WaitForState("etcd2", "ready", 60);
    }

    private static void AMemberIsWipedAndJoinsAnew(TestCluster cluster)
    {
        cluster.TryBaker(["wipe", "etcd3"]).Error.ShouldBe("baker: BAKE0920  etcd3  runs. Stop or cut it first.\n");
        cluster.Baker("stop", "etcd3");
        cluster.StateOf("etcd3").ShouldBe("powered off");
        cluster.Baker("wipe", "etcd3");
        cluster.Baker("start", "etcd3");
        cluster.WaitForState("etcd3", "ready", 90);
        cluster.Kubectl("get", "configmap", "kept", "-o", "name").ShouldBe("configmap/kept\n");
    }

    private static void AWorkerIsAddedAndRunsPods(TestCluster cluster)
    {
        cluster.Baker("add", "worker").ShouldContain("worker3");
        ReadyNodes(cluster, "worker1", "worker2", "worker3");
        cluster.Kubectl("scale", "deployment", "hello", "--replicas=3");
        HelloPods.Of(cluster).WaitUntilReady(3).Select(pod => pod.Node).ShouldContain("worker3", "the page was loaded there too");
    }

    private static void AllOfItGoesOnAfterDown(TestCluster cluster)
    {
        cluster.Baker("down");
        cluster.Baker("up").ShouldContain("worker3");
        ReadyNodes(cluster, "worker1", "worker2", "worker3");
        cluster.Kubectl("get", "configmap", "kept", "-o", "name").ShouldBe("configmap/kept\n");
        HelloPods.Of(cluster).AskFromHost(seconds: 150).ShouldStartWith("Hello from the pod ");
    }

    private static void ReadyNodes(TestCluster cluster, params string[] names) => cluster.WaitForKubectl(
        $"the Nodes {string.Join(' ', names)} Ready", 60,
        output => Regex.Matches(output, @"(?m)^(\S+) +Ready ").Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal).SequenceEqual(names),
        "get", "nodes", "--no-headers");
}
