using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Images.TestSupport;

namespace Images.Cluster.Tests;

/// <summary>One cluster of a person, handled by the published baker and by Debian's kubectl only.</summary>
internal sealed class TestCluster(Person person, string name) : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    public string Name => name;

    public string Folder => Path.Combine(person.Home, "clusters", name);

    public string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    /// <summary><c>baker cluster</c> and these arguments.</summary>
    public JudgeResult TryBaker(string[] arguments, byte[]? input = null) =>
        person.Try("dotnet", [person.Program, "cluster", .. arguments], input);

    /// <summary>Likewise; it has to succeed.</summary>
    public string Baker(params string[] arguments)
    {
        JudgeResult result = TryBaker(arguments);
        result.ExitCode.ShouldBe(0, $"baker cluster {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result.Output;
    }

    /// <summary>A command in a node, as its root.</summary>
    public JudgeResult Exec(string node, string command, byte[]? input = null) =>
        TryBaker(["exec", node, "--name", name, "--", "/bin/sh", "-c", command], input);

    public JsonElement Status() => JsonDocument.Parse(Baker("status", "--name", name, "--json")).RootElement;

    public int Supervisor() => Status().GetProperty("supervisor").GetInt32();

    /// <summary>What status says of a node.</summary>
    public string StateOf(string node)
    {
        JsonElement view = Status().GetProperty("nodes").EnumerateArray().Single(one => one.GetProperty("name").GetString() == node);
        return view.GetProperty("isReady").GetBoolean() ? "ready" : view.GetProperty("state").GetString()!;
    }

    public JudgeResult TryKubectl(string[] arguments, string? input = null) => person.Try(
        "kubectl", ["--kubeconfig", Kubeconfig, "--request-timeout=20s", .. arguments], input is null ? null : Encoding.UTF8.GetBytes(input));

    /// <summary>
    /// kubectl, which has to succeed. While etcd elects a leader, as it does when a member comes or goes, the API answers
    /// <c>etcdserver: leader changed</c> or that a request timed out: that is asked again, as a person would.
    /// </summary>
    public string Kubectl(params string[] arguments)
    {
        JudgeResult result = WaitFor(
            "an answer while etcd elects a leader", 60, () => TryKubectl(arguments),
            result => result.ExitCode == 0 || !result.Error.Contains("etcdserver: ", StringComparison.Ordinal));
        result.ExitCode.ShouldBe(0, $"kubectl {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result.Output;
    }

    public void Apply(string manifest)
    {
        JudgeResult result = TryKubectl(["apply", "-f", "-"], manifest);
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
    }

    /// <summary>Asks kubectl again until the answer is as wanted.</summary>
    public string WaitForKubectl(string what, int seconds, Func<string, bool> isWanted, params string[] arguments) =>
        WaitFor(what, seconds, () => TryKubectl(arguments), result => result.ExitCode == 0 && isWanted(result.Output)).Output;

    /// <summary>Waits until a node is as wanted.</summary>
    public void WaitForState(string node, string wanted, int seconds) =>
        WaitFor($"{node} {wanted}", seconds, () => StateOf(node), state => state == wanted);

    /// <summary>Asks again until the answer is as wanted; the last one stands in the failure.</summary>
    public static T WaitFor<T>(string what, int seconds, Func<T> ask, Func<T, bool> isWanted)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            T answer = ask();
            if (isWanted(answer))
            {
                return answer;
            }

            if (clock.Elapsed.TotalSeconds > seconds)
            {
                throw new TimeoutException($"{what} did not come about within {seconds} s: {answer}");
            }

            Thread.Sleep(_pause);
        }
    }

    /// <summary>Removes what a failed test leaves, with the supervisor's log in the failure's output.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            string log = Path.Combine(Folder, "supervisor.log");
            Console.WriteLine(File.Exists(log) ? $"{log}:\n{File.ReadAllText(log)}" : $"{Folder} has no log of a supervisor");
            Console.WriteLine(TryBaker(["status", "--name", name]).Output);
            TryBaker(["delete", "--name", name]);
        }
    }
}
