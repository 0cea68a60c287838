using System.Diagnostics;
using System.Globalization;
using System.Text;
using Images.Bootstrapper.Tests.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Agent;

/// <summary>
/// What the agent of a master uses where the cluster has many workers: DNS names them, the API has a Node of each, and each Node's status is
/// written anew as often as a kubelet does. Asserts nothing about it, as <see cref="AgentAtRest"/>.
/// </summary>
[Trait("Category", "Full")]
[Trait("Category", "Never")] // unless it is named
public sealed class AgentAmongPeers
{
    /// <summary>nodeStatusReportFrequency of the kubelet.</summary>
    private static readonly TimeSpan _heartbeat = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _measured = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(100)]
    public async Task Measure(int workers)
    {
        string program = Given("IMAGES_AGENT"), result = Given("IMAGES_MEASURED");
        string[] addresses = [.. Enumerable.Range(1, workers).Select(number => $"10.98.0.{number}")];
        using NativeControlPlane plane = new();
        plane.StartEtcd();
        plane.StartProgram("kube-apiserver");
        plane.WaitFor("a ready API server", () => plane.Admin("get", "--raw", "/readyz").Output == "ok");
        plane.StartProgram("kube-controller-manager");
        string word = plane.Moved("/word"), pid = plane.Moved("/workers.pid");
        await File.WriteAllTextAsync(word, """printf '{"node":"w%s","keys":[]}' "${SOCAT_SOCKADDR##*.}" """);
        plane.StartWithMounts("workers", "sh", "-c", Workers(workers, pid, word));
        plane.WaitFor("the workers' words", () => plane.Inside("socat", "-u", $"TCP:10.98.0.{workers}:10245", "-").Output.Contains($"\"w{workers}\"", StringComparison.Ordinal));
        plane.AdminApplies(string.Join("---\n", addresses.Select(Node))).ExitCode.ShouldBe(0);
        using NativeAgent agent = new(plane, program, addresses);
        plane.WaitFor("an agent that sees its services ready", () => agent.Said.Contains("ready: kube-apiserver.service", StringComparison.Ordinal));
        await Task.Delay(_settling);

        TimeSpan before = agent.Processor;
        int written = 0;
        for (Stopwatch watch = Stopwatch.StartNew(); watch.Elapsed < _measured; await Task.Delay(_heartbeat / workers))
        {
            plane.Admin("annotate", "--overwrite", "node", $"w{(written++ % workers) + 1}", $"beat={written}").ExitCode.ShouldBe(0);
        }

        await File.AppendAllTextAsync(result, string.Create(
            CultureInfo.InvariantCulture, $"{workers} workers: {(agent.Processor - before) / _measured:P3}, {agent.ResidentMebibytes:0.0} MiB, {written} heartbeats\n"));
        await File.WriteAllTextAsync($"{result}.{workers}.log", agent.Said);
    }

    /// <summary>All of them are one namespace beyond a link, where each says at its address who it is.</summary>
    private static string Workers(int count, string pid, string word) => $$"""
        unshare --net sh -c '
          echo $$ > {{pid}}
          until ip link show w0 >/dev/null 2>&1; do sleep 0.1; done
          ip link set lo up; ip link set w0 up
          i=1; while [ $i -le {{count}} ]; do ip address add 10.98.0.$i/16 dev w0; i=$((i + 1)); done
          exec socat TCP-LISTEN:10245,fork,reuseaddr,backlog=200 "SYSTEM:sh {{word}}"' &
        until [ -s {{pid}} ]; do sleep 0.1; done
        ip link add p0 type veth peer name w0 netns $(cat {{pid}})
        ip address add 10.98.255.254/16 dev p0
        ip link set p0 up
        wait
        """;

    private static string Node(string address, int index) => $$"""
        apiVersion: v1
        kind: Node
        metadata: { name: w{{index + 1}}, labels: { kubernetes.io/hostname: w{{index + 1}} } }
        spec: { podCIDR: 10.200.{{index + 1}}.0/24, podCIDRs: [10.200.{{index + 1}}.0/24] }
        status:
          addresses: [{ type: InternalIP, address: {{address}} }, { type: Hostname, address: w{{index + 1}} }]
          conditions: [{ type: Ready, status: "True", reason: KubeletReady, message: "{{new StringBuilder().Insert(0, "as long as what a kubelet writes ", 60)}}" }]

        """;

    private static string Given(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : throw new JudgeException($"{variable} is not set: the program that is measured, and where to write");
}
