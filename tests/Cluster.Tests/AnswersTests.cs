using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.Cluster.Tests;

/// <summary>
/// Whom the ports of a cluster answer, tried from a pod and from a machine on the same link that is none of the cluster's. What came out stands
/// in docs/security.md; where the two differ, this fails with the table as it was tried.
/// </summary>
public sealed class AnswersTests
{
    private const string Page = "docs/security.md";
    private const string Section = "## What answers whom";
    private const string Pod = "asks";
    private const string Neighbour = "none1";
    private const string Worker = "worker1";
    private const string Master = "master1";

    /// <summary>What kube-proxy before 1.26 does to the kernel.</summary>
    private const string AsBefore126 = "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet";

    private const string OtherLoopback = "127.0.0.1, asked from outside";

    /// <summary>Where, port, what listens there.</summary>
    private static readonly (string Node, int Port, string What)[] _ports =
    [
        ("etcd1", 2378, "rendezvous of etcd's members, by certificate"),
        ("etcd1", 2379, "etcd for clients, by certificate"),
        ("etcd1", 2380, "etcd for members, by certificate"),
        ("etcd1", 2381, "etcd's health and metrics"),
        ("etcd1", 10243, "its host keys for ssh, by certificate, nothing secret"),
        ("master1", 2389, "the master's way to etcd"),
        ("master1", 6443, "API server, by certificate or token"),
        ("master1", 10243, "its host keys for ssh, by certificate, nothing secret"),
        ("master1", 10249, "kube-proxy's metrics"),
        ("master1", 10256, "kube-proxy's health"),
        ("master1", 10257, "controller manager"),
        ("master1", 10259, "scheduler"),
        ("worker1", 6444, "the worker's way to the API"),
        ("worker1", 10053, "the cluster's names, for the name server of pods"),
        ("worker1", 10243, "its host keys for ssh, by certificate, nothing secret"),
        ("worker1", 10245, "the machine's word on who it asks to be, nothing secret"),
        ("worker1", 10248, "kubelet's health"),
        ("worker1", 10249, "kube-proxy's metrics"),
        ("worker1", 10250, "kubelet, by certificate or token"),
        ("worker1", 10255, "kubelet without certificates, switched off"),
        ("worker1", 10256, "kube-proxy's health"),
        ("lb1", 6443, "the way to the masters' API, by certificate or token"),
        ("lb1", 8404, "haproxy's statistics and metrics"),
        ("lb1", 10243, "its host keys for ssh, by certificate, nothing secret"),
        ("lb1", 10245, "the machine's word on who it asks to be, nothing secret"),
        ("lb1", 10246, "whether it holds the virtual address"),
    ];

    private static readonly (string Address, int Port, string What)[] _metadata =
    [
        ("169.254.169.254", 80, "metadata of most clouds"),
        ("169.254.169.254", 53, "names, where a cloud serves them there"),
        ("168.63.129.16", 80, "Azure's agent"),
        ("168.63.129.16", 32526, "Azure's agent"),
        ("168.63.129.16", 53, "names of Azure"),
        ("100.100.100.200", 80, "metadata of Alibaba"),
        ("192.0.0.192", 80, "metadata of Oracle"),
        ("169.254.170.2", 80, "credentials of ECS tasks"),
        ("169.254.42.42", 80, "metadata of Scaleway"),
    ];

    [Fact]
    [Trait("Category", "Full")] // a cluster of its own: more than 45 s where others work beside it
    public void The_table_of_what_answers_is_what_a_pod_and_a_neighbour_find()
    {
        using Person person = Person.Root();
        using TestCluster cluster = new(person, "answers");
        cluster.Baker("up", "--name", cluster.Name, "--image", person.Image, "--nodes", "etcd=1,master=1,worker=1,lb=1,none=1", "--endpoint", "lb", "--no-uplink");
        cluster.WaitForKubectl("a Node that is Ready", 60, output => Regex.IsMatch(output, $@"^{Worker} +Ready "), "get", "nodes", "--no-headers");
        cluster.Apply(Manifest);
        Dictionary<string, string> addresses = new[] { "etcd1", "master1", Worker, "lb1", Neighbour }.ToDictionary(node => node, node => AddressOf(cluster, node));
        cluster.WaitForKubectl("the pod", 120, output => output == "Running", "get", "pod", Pod, "--namespace", "kube-system", "-o", "jsonpath={.status.phase}");
        string names = InPod(cluster, "sed -n 's/^nameserver //p' /etc/resolv.conf").Trim();

        string[] own = [.. _ports.Select(port => $"{addresses[port.Node]}:{port.Port}")];
        Dictionary<string, string> ofPod = Ask(script => InPod(cluster, script), "", [.. own, $"{names}:53"]);
        Dictionary<string, string> ofNeighbour = Ask(script => InNode(cluster, Neighbour, script), "", [.. own, $"{names}:53"]);
        Dictionary<string, string> ofLoopback = _ports.GroupBy(port => port.Node).SelectMany(ports => AskLoopback(cluster, addresses, ports.Key, [.. ports.Select(port => port.Port)])).ToDictionary();
        InNode(cluster, Neighbour, $"ip route add {names}/32 via {addresses[Worker]}");
        string routed = Ask(script => InNode(cluster, Neighbour, script), "", [$"{names}:53"]).Values.Single();
        Dictionary<string, string> ofMetadata = AskMetadata(cluster, addresses);

        string[] table =
        [
            "| where | port | what listens | a pod | a neighbour |",
            "|---|---|---|---|---|",
            .. _ports.Select(port => $"| {port.Node[..^1]} | {port.Port} | {port.What} | {ofPod[$"{addresses[port.Node]}:{port.Port}"]} | {ofNeighbour[$"{addresses[port.Node]}:{port.Port}"]} |"),
            .. _ports.Where(port => ofPod[$"{addresses[port.Node]}:{port.Port}"] != "answers")
                .Select(port => $"| {port.Node[..^1]}'s {OtherLoopback} | {port.Port} | {port.What} | – | {ofLoopback[$"{port.Node}:{port.Port}"]} |"),
            $"| cluster DNS | 53 | names of Services | {ofPod[$"{names}:53"]} | {ofNeighbour[$"{names}:53"]}; with a route through a worker: {routed} |",
            .. _metadata.Select(one => $"| {one.Address} | {one.Port} | {one.What} | {ofMetadata[$"{one.Address}:{one.Port}"]} | – |"),
        ];
        cluster.Baker("delete", "--name", cluster.Name);
        TableOfPage().ShouldBe(string.Join('\n', table), $"{Page}, {Section}; as tried:\n{string.Join('\n', table)}\n");
    }

    /// <summary>Its programs are the machine's own: images of others are not needed.</summary>
    private const string Manifest = $$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: {{Pod}}, namespace: kube-system }
        spec:
          terminationGracePeriodSeconds: 1
          automountServiceAccountToken: false
          containers:
            - name: asks
              image: images.local/pause:1
              imagePullPolicy: Never
              command: [/bin/sleep, infinity]
              volumeMounts:
                - { name: usr, mountPath: /usr, readOnly: true }
                - { name: bin, mountPath: /bin, readOnly: true }
                - { name: lib, mountPath: /lib, readOnly: true }
                - { name: lib64, mountPath: /lib64, readOnly: true }
          volumes:
            - { name: usr, hostPath: { path: /usr } }
            - { name: bin, hostPath: { path: /usr/bin } }
            - { name: lib, hostPath: { path: /usr/lib } }
            - { name: lib64, hostPath: { path: /usr/lib64 } }
        """;

    private static string TableOfPage()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Checkout.Folder, Page));
        int start = Array.IndexOf(lines, Section);
        start.ShouldBeGreaterThan(0, $"{Page} has no section {Section}");
        return string.Join('\n', lines.Skip(start).SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|')));
    }

    /// <summary>The machine is the neighbour's; the kernel there sends packets to 127.0.0.1 out to another one, as whoever wants to would.</summary>
    private static Dictionary<string, string> AskLoopback(TestCluster cluster, Dictionary<string, string> addresses, string node, int[] ports)
    {
        // its own rule would drop the answers
        InNode(cluster, Neighbour, $"{AsBefore126}; nft 'table ip images-loopback; delete table ip images-loopback'");
        InNode(cluster, Neighbour, $"ip route replace 127.0.0.1/32 via {addresses[node]} table 7 && ip rule add pref 5 lookup local && ip rule del pref 0 && ip rule add pref 4 to 127.0.0.1 lookup 7");
        Dictionary<string, string> answers = Ask(script => InNode(cluster, Neighbour, script), $",bind={addresses[Neighbour]}", [.. ports.Select(port => $"127.0.0.1:{port}")]);
        if (node == Master)
        {
            // without the image's rule: else silence would show nothing
            InNode(cluster, Master, $"{AsBefore126}; nft delete table ip images-loopback");
            Ask(script => InNode(cluster, Neighbour, script), $",bind={addresses[Neighbour]}", ["127.0.0.1:10256"]).Values.ShouldBe(["answers"]);
            InNode(cluster, Master, "nft --file /usr/lib/images/loopback.nft");
        }

        InNode(cluster, Neighbour, "ip rule add pref 0 lookup local && ip rule del pref 4 && ip rule del pref 5");
        return answers.ToDictionary(answer => answer.Key.Replace("127.0.0.1", node, StringComparison.Ordinal), answer => answer.Value);
    }

    /// <summary>The neighbour plays the cloud: it has the addresses and answers at them; the worker has the route.</summary>
    private static Dictionary<string, string> AskMetadata(TestCluster cluster, Dictionary<string, string> addresses)
    {
        foreach (string address in _metadata.Select(one => one.Address).Distinct(StringComparer.Ordinal))
        {
            InNode(cluster, Neighbour, $"ip address add {address}/32 dev lo");
            InNode(cluster, Worker, $"ip route add {address}/32 via {addresses[Neighbour]}");
        }

        foreach ((string address, int port, _) in _metadata)
        {
            InNode(cluster, Neighbour, $"systemd-run --quiet socat TCP-LISTEN:{port},bind={address},fork,reuseaddr EXEC:/bin/true");
        }

        string[] all = [.. _metadata.Select(one => $"{one.Address}:{one.Port}")];
        TestCluster.WaitFor(
            "the cloud that the neighbour plays, for a service of the worker's root", 30,
            () => string.Join(' ', Ask(script => InService(cluster, script), "", all)),
            answers => !answers.Contains("silent", StringComparison.Ordinal) && !answers.Contains("refused", StringComparison.Ordinal));
        return Ask(script => InPod(cluster, script), "", all);
    }

    /// <summary>answers: a connection came about; refused: said so at once; silent: nothing came within two seconds.</summary>
    private static Dictionary<string, string> Ask(Func<string, string> run, string option, string[] targets)
    {
        string output = run(
            $"for t in {string.Join(' ', targets)}; do ( if e=$(socat -u OPEN:/dev/null TCP:$t,connect-timeout=2{option} 2>&1); then echo $t answers; "
                + "else case \"$e\" in *refused*) echo $t refused;; *timed*out*) echo $t silent;; *) echo $t unreachable: \"$e\" | tr '\\n' ' '; echo;; esac; fi ) & done; wait");
        Dictionary<string, string> answers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).ToDictionary(parts => parts[0], parts => parts[1].Trim());
        answers.Keys.ShouldBe(targets, ignoreOrder: true, output);
        return answers;
    }

    private static string AddressOf(TestCluster cluster, string node) => TestCluster.WaitFor(
        $"{node}'s address", 60, () => cluster.Exec(node, "ip -4 -o address show scope global | sed -n 's/.* inet \\([0-9.]*\\)\\/.*/\\1/p' | grep '^10\\.240\\.' | head -n 1").Output.Trim(), output => output.Length > 0);

    private static string InNode(TestCluster cluster, string node, string script)
    {
        JudgeResult result = cluster.Exec(node, script);
        result.ExitCode.ShouldBe(0, $"{node}: {script}: {result.Output}{result.Error}");
        return result.Output;
    }

    private static string InService(TestCluster cluster, string script) =>
        InNode(cluster, Worker, $"systemd-run --quiet --wait --pipe --expand-environment=no /bin/sh -c '{script.Replace("'", "'\\''", StringComparison.Ordinal)}'");

    private static string InPod(TestCluster cluster, string script) => cluster.Kubectl("exec", "--namespace", "kube-system", Pod, "--", "/bin/sh", "-c", script);
}
