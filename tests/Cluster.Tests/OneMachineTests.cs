using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.Cluster.Tests;

/// <summary>A cluster of one machine: what README's first screen promises, typed by root and by an ordinary user.</summary>
public sealed class OneMachineTests
{
    private const string Node = "node1";
    private const string Programs = "programs";

    [Fact]
    public void Root_gets_a_cluster_that_runs_pods_whose_roots_stay_inside_and_of_which_nothing_is_left()
    {
        using Person person = Person.Root();
        using TestCluster cluster = new(person, "one");
        string before = Listing(person), links = HostTraces.Links();
        string said = cluster.Baker(
            "up", "--name", cluster.Name, "--image", person.Image, "--no-uplink",
            "--load", "hello", "--plan", Path.Combine(Checkout.Folder, "image.yaml"));

        said.ShouldMatch(@"cluster one is ready after \d+\.\d s");
        HelloPods pods = ThePageAnswers(cluster);
        cluster.Apply(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "testdata", "programs.yaml")));
        cluster.WaitForKubectl("a pod with the machine's programs", 60, output => output == "Running", "get", "pod", Programs, "-o", "jsonpath={.status.phase}");
        NamesOfEveryKindAreFound(cluster, pods);
        SetIdProgramsCountInContainersAloneAndNotWhereTheMachineKeepsItsData(cluster);
        cluster.Kubectl("delete", "pod", Programs, "--wait=false");
        EveryCommandDoesItsPart(person, cluster);
        RootsStayInside(cluster);
        TheClusterGoesOnAfterDown(person, cluster, pods);

        cluster.Baker("delete", "--name", cluster.Name);
        Listing(person).ShouldBe(before);
        HostTraces.Links().ShouldBe(links);
    }

    [Fact]
    public void An_ordinary_user_gets_a_cluster_too_that_ends_with_its_killed_supervisor_and_leaves_nothing()
    {
        using Person person = Person.OrdinaryUser();
        using TestCluster cluster = new(person, "mine");
        string archive = Path.Combine(person.Home, "hello.tar");
        Judge.Run(
            "dotnet", Path.Combine(BakedClusters.Artifacts, "baker", "baker.dll"), "hello",
            "--plan", Path.Combine(Checkout.Folder, "image.yaml"), "--out", archive);
        string before = Listing(person), links = HostTraces.Links();
        cluster.Baker("up", "--name", cluster.Name, "--image", person.Image, "--no-uplink", "--load", archive);

        ThePageAnswers(cluster);
        HostTraces traces = TracesOf(person, cluster);
        Judge.Run("kill", "-KILL", $"{cluster.Supervisor()}");
        TestCluster.WaitFor("the end of all processes", 10, () => string.Join('\n', traces.Remaining().Where(line => !line.StartsWith("control group", StringComparison.Ordinal))), left => left.Length == 0);

        cluster.Baker("delete", "--name", cluster.Name);
        traces.Remaining().ShouldBeEmpty();
        Listing(person).ShouldBe(before);
        HostTraces.Links().ShouldBe(links);
    }

    /// <summary>From this machine, by ClusterIP and by a name of the cluster's DNS from a pod; Debian's kubectl asks.</summary>
    private static HelloPods ThePageAnswers(TestCluster cluster)
    {
        cluster.WaitForKubectl("a Node that is Ready", 10, output => Regex.IsMatch(output, $@"^{Node} +Ready "), "get", "nodes", "--no-headers");
        HelloPods pods = HelloPods.Start(cluster);
        string pod = pods.WaitUntilReady(2)[0].Name;
        pods.AskFromHost().ShouldMatch($@"^Hello from the pod hello-\S+ on the node {Node}\.\n$");
        string address = pods.ClusterAddress();
        pods.AskFromPod(pod, address).ShouldMatch(@"^Hello from the pod hello-");
        cluster.WaitForKubectl(
            "the Service's name in a pod", 30, output => output.Contains(address, StringComparison.Ordinal),
            "exec", pod, "--", "/usr/bin/busybox", "nslookup", "hello.default.svc.cluster.local");
        return pods;
    }

    /// <summary>What dnsmasq alone cannot say of the cluster, asked in a pod.</summary>
    private static void NamesOfEveryKindAreFound(TestCluster cluster, HelloPods pods)
    {
        (string pod, string address, _) = pods.WaitUntilReady(2)[0];
        cluster.Baker("dns", "set", "other.one.k8s", "192.0.2.8");
        cluster.Kubectl("create", "service", "externalname", "out", "--external-name", "other.one.k8s");
        cluster.Kubectl("create", "service", "clusterip", "hello-pods", "--clusterip=None", "--tcp=8080:8080");
        cluster.Kubectl("set", "selector", "service", "hello-pods", "app=hello");
        string dashed = address.Replace('.', '-');
        Find("SRV", "_http._tcp.hello.default.svc.cluster.local", "0 100 80 hello.default.svc.cluster.local");
        Find("SRV", "_8080-8080._tcp.hello-pods.default.svc.cluster.local", $"0 100 8080 {dashed}.hello-pods.default.svc.cluster.local");
        Find("A", $"{dashed}.hello-pods.default.svc.cluster.local", $"Address: {address}");
        Find("A", $"{dashed}.default.pod.cluster.local", $"Address: {address}");
        Find("CNAME", "out.default.svc.cluster.local", "canonical name = other.one.k8s");
        Find("A", "out.default.svc.cluster.local", "Address: 192.0.2.8");
        AskByTcp(cluster, "out.default.svc.cluster.local").ShouldContain("c0 00 02 08", Case.Sensitive, "192.0.2.8");
        Find("A", "nobody.default.svc.cluster.local", "NXDOMAIN");
        cluster.Kubectl("delete", "service", "out", "hello-pods");
        cluster.Baker("dns", "unset", "other.one.k8s");

        void Find(string type, string name, string answer)
        {
            // it ends with a fault where a name does not exist
            string[] question = ["exec", pod, "--", "/usr/bin/busybox", "sh", "-c", $"/usr/bin/busybox nslookup -type={type} {name} 2>&1 || true"];
            cluster.WaitForKubectl($"{type} of {name} in a pod", 30, output => output.Contains(answer, StringComparison.Ordinal), question);
        }
    }

    /// <summary>
    /// dnsmasq forks for each connection and asks itself from there where a name leads outside; only as it runs on a machine does it fork.
    /// </summary>
    private static string AskByTcp(TestCluster cluster, string name)
    {
        byte[] question =
        [
            0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, // id, recursion desired, one question
            .. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0,
            0, 1, 0, 1, // A, IN
        ];
        string octal = string.Concat(((byte[])[0, (byte)question.Length, .. question]).Select(each => $"\\{Convert.ToString(each, 8).PadLeft(3, '0')}"));
        string script = $"printf '{octal}' | socat -t 10 - TCP:$(sed -n 's/^nameserver //p' /etc/resolv.conf):53 | od -An -v -tx1 -w4096";
        return cluster.Kubectl("exec", Programs, "--", "/bin/sh", "-c", script);
    }

    /// <summary>A container's root lies on the machine's /var, and is a mount of its own; a folder of the pod's on it is not.</summary>
    private static void SetIdProgramsCountInContainersAloneAndNotWhereTheMachineKeepsItsData(TestCluster cluster)
    {
        string Run(string folder) => $"cp /usr/bin/id {folder}/set-id && chmod 4755 {folder}/set-id && setpriv --reuid 65534 --clear-groups {folder}/set-id -u";
        cluster.Kubectl("exec", Programs, "--", "/bin/sh", "-c", Run("")).ShouldBe("0\n");
        cluster.Kubectl("exec", Programs, "--", "/bin/sh", "-c", Run("/scratch")).ShouldBe("65534\n");
        foreach (string folder in (string[])["/var/lib", "/state", "/etc"])
        {
            cluster.Exec(Node, Run(folder) + $"; rm {folder}/set-id").Output.ShouldBe("65534\n", folder);
        }
    }

    private static void EveryCommandDoesItsPart(Person person, TestCluster cluster)
    {
        cluster.Baker("list").ShouldMatch(@"(?m)^one +ready +1 ");
        cluster.Baker("list", "--json").ShouldContain("\"state\": \"ready\"");
        cluster.Baker("status").ShouldMatch($@"(?m)^{Node} +etcd,master,worker +10\.240\.0\.\d+ +ready ");
        cluster.Exec(Node, "exit 7").ExitCode.ShouldBe(7);
        cluster.Exec(Node, "tr a-z A-Z", Encoding.UTF8.GetBytes("said")).Output.ShouldBe("SAID");
        cluster.Baker("logs", Node, "-u", "etcd.service").ShouldContain("etcd");
        JournalsSteerNoTerminal(cluster);
        Judge.Try("timeout", ["--signal=INT", "3", .. Line(person, "console", Node)], input: null, person.Home, person.Environment)
            .Output.ShouldContain("ready");
        cluster.Baker("ssh", Node, "--", "hostname").ShouldBe($"{Node}\n");
        cluster.Baker("dns").ShouldMatch(@"(?m)^masters\.one\.k8s +10\.240\.0\.\d+$");
        cluster.Baker("dns", "set", "page.one.k8s", "192.0.2.7");
        cluster.Exec(Node, "getent hosts page.one.k8s").Output.ShouldStartWith("192.0.2.7 ");
        cluster.Baker("dns", "unset", "page.one.k8s");
        string kubeconfig = Path.Combine(person.Home, "other.kubeconfig");
        cluster.Baker("kubeconfig", "--out", kubeconfig).ShouldBe($"{kubeconfig}\n");
        person.Run("kubectl", "--kubeconfig", kubeconfig, "get", "--raw", "/readyz").ShouldBe("ok");
        File.Delete(kubeconfig);
        cluster.TryBaker(["add", "worker"]).Error.ShouldContain("BAKE0966");
        cluster.TryBaker(["exec", "nobody", "--", "true"]).Error.ShouldContain(Node, Case.Sensitive, "the nodes there are");
    }

    /// <summary>A program on the node writes what would colour, retitle and clear the terminal of whoever reads its journal.</summary>
    private static void JournalsSteerNoTerminal(TestCluster cluster)
    {
        cluster.Exec(
            Node, @"printf '\033[31mred\033[0m\n\033]0;title\007\033[2J\n\302\233 2J by C1\nplain end\n' | systemd-cat -t hostile").ExitCode.ShouldBe(0);
        string journal = TestCluster.WaitFor(
            "the program's lines", 20, () => cluster.Baker("logs", Node), text => text.Contains("plain end", StringComparison.Ordinal));
        Regex.Count(journal, @"(?m) hostile\[\d+\]: ").ShouldBe(4, "no line is lost");
        journal.Where(character => char.IsControl(character) && character != '\n').ShouldBeEmpty();
    }

    /// <summary>Root inside a node and a pod that may everything try what they can; none of it reaches this machine.</summary>
    private static void RootsStayInside(TestCluster cluster)
    {
        string settings = HostSettings();
        using Process bystander = Process.Start(Judge.Find("sleep"), "4321.125");
        try
        {
            string[] arguments = [DiskNumbers(), $"{bystander.Id}", "4321", ".125"];
            byte[] script = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "testdata", "attempts.sh"));
            JudgeResult inNode = cluster.TryBaker(["exec", Node, "--", "/bin/sh", "-s", .. arguments, "/sys/fs/cgroup"], script);
            AllRefused(inNode.Output + inNode.Error, "^(kernel/(hostname|panic|panic_on_oops|keys/root_maxkeys|keys/root_maxbytes)|vm/(overcommit_memory|panic_on_oom))$");

            cluster.Apply(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "testdata", "privileged.yaml")));
            cluster.WaitForKubectl("the privileged pod", 60, output => output == "Running", "get", "pod", "privileged", "-o", "jsonpath={.status.phase}");
            JudgeResult inPod = cluster.TryKubectl(
                ["exec", "-i", "privileged", "--", "/usr/bin/busybox", "sh", "-s", .. arguments, "/node/sys/fs/cgroup"], Encoding.UTF8.GetString(script));
            AllRefused(inPod.Output + inPod.Error, "^(kernel/(hostname|domainname|auto_msgmni|msg.*|sem|shm.*|ns_last_pid|pid_max)|fs/mqueue/.*|user/max_.*)$");
            WriteOtherValues(cluster);
            cluster.Kubectl("delete", "pod", "privileged", "--wait=false");
            bystander.HasExited.ShouldBeFalse();
        }
        finally
        {
            bystander.Kill();
        }

        HostSettings().ShouldBe(settings);
    }

    /// <summary>What may be written is a stand-in, or belongs to a namespace of the node's: this machine's value stays as it was.</summary>
    private static void WriteOtherValues(TestCluster cluster)
    {
        cluster.Exec(Node, "echo 77 >/proc/sys/kernel/panic; echo 1 >/proc/sys/vm/overcommit_memory; cat /proc/sys/kernel/panic").Output.ShouldBe("77\n");
        const string InPod = "echo 12345 >/proc/sys/kernel/msgmax; echo 4097 >/proc/sys/kernel/shmmni; echo 12345 >/proc/sys/user/max_net_namespaces; cat /proc/sys/kernel/msgmax";
        cluster.Kubectl("exec", "privileged", "--", "/usr/bin/busybox", "sh", "-c", InPod).ShouldBe("12345\n");
    }

    /// <param name="said">By the attempts.</param>
    /// <param name="ownSettings">Names of the settings that are the node's or the pod's own.</param>
    private static void AllRefused(string said, string ownSettings)
    {
        string[] lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string attempt in new[]
        {
            "load a module", "set the clock", "read the machine's disk", "write above its control group",
            "signal a process of the machine", "see a process of the machine",
        })
        {
            lines.ShouldContain(line => line.StartsWith($"{attempt}: refused", StringComparison.Ordinal), said);
        }

        string written = lines.Single(line => line.StartsWith("settings written: ", StringComparison.Ordinal))["settings written: ".Length..];
        written.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(name => !Regex.IsMatch(name, ownSettings)).ShouldBeEmpty(said);
    }

    private static void TheClusterGoesOnAfterDown(Person person, TestCluster cluster, HelloPods pods)
    {
        HostTraces traces = TracesOf(person, cluster);
        cluster.Baker("down");
        traces.Remaining().ShouldBeEmpty();
        cluster.Baker("list").ShouldMatch(@"(?m)^one +down +1 ");

        cluster.Baker("up").ShouldContain("is ready after");
        pods.WaitUntilReady(2);
        pods.AskFromHost(seconds: 150).ShouldStartWith("Hello from the pod ");
        File.Exists(Path.Combine(person.Home, "clusters", "one", "kubeconfig")).ShouldBeTrue();
    }

    private static HostTraces TracesOf(Person person, TestCluster cluster)
    {
        HostTraces traces = HostTraces.Of(cluster.Supervisor(), cluster.Folder, person.LoginGroups);
        traces.Processes.ShouldBeGreaterThan(10);
        traces.Namespaces.ShouldBeGreaterThan(8);
        traces.ControlGroups.ShouldBeGreaterThan(2);
        return traces;
    }

    private static string[] Line(Person person, params string[] arguments) => [Judge.Find("dotnet"), person.Program, "cluster", .. arguments];

    /// <summary>All of a person's files; what the runtime itself leaves in a home does not count.</summary>
    private static string Listing(Person person) => Judge.Run("find", person.Home, "-path", Path.Combine(person.Home, ".*"), "-prune", "-o", "-mindepth", "2", "-print");

    /// <summary>Major and minor number of this machine's first disk.</summary>
    private static string DiskNumbers() => File.ReadLines("/proc/partitions").Skip(2)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(fields => $"{fields[0]}:{fields[1]}").First();

    /// <summary>What a node could do harm with, as this machine has it.</summary>
    private static string HostSettings() => string.Join(
        '\n',
        new[]
            {
                "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes", "kernel/hostname", "kernel/sysrq", "kernel/core_pattern", "kernel/msgmax", "kernel/shmmni",
                "vm/overcommit_memory", "vm/panic_on_oom", "vm/swappiness", "fs/file-max", "user/max_net_namespaces",
            }
            .Where(name => File.Exists($"/proc/sys/{name}")).Select(name => $"{name} {File.ReadAllText($"/proc/sys/{name}").Trim()}"));
}
