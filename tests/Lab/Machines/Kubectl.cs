using System.Text;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>Debian's kubectl with a kubeconfig that <c>baker kubeconfig</c> made.</summary>
internal sealed class Kubectl
{
    private const string Patience = "--request-timeout=60s";

    private readonly Func<string[], byte[]?, JudgeResult> _try;

    /// <summary>On the network's side of the bridge.</summary>
    /// <param name="network">Where the cluster is.</param>
    /// <param name="seeds">Its secrets, of a master's seed.</param>
    /// <param name="address">Of a master.</param>
    public Kubectl(LabNetwork network, ClusterSeeds seeds, string address)
    {
        string configuration = Configuration(seeds, address);
        _try = (arguments, input) => network.Try("kubectl", ["--kubeconfig", configuration, Patience, .. arguments], input);
    }

    /// <summary>On a master itself, whose clock may be another than this host's.</summary>
    public Kubectl(Machine master, ClusterSeeds seeds)
    {
        const string Copy = "/run/admin.kubeconfig";
        master.Ssh(seeds.SshKey, $"sudo tee {Copy} > /dev/null", input: File.ReadAllBytes(Configuration(seeds, master.Address)));
        _try = (arguments, input) => master.TrySsh(
            seeds.SshKey, string.Join(' ', arguments.Select(argument => $"'{argument}'").Prepend($"sudo kubectl --kubeconfig {Copy} {Patience}")), input);
    }

    public string Run(params string[] arguments) => Output(_try(arguments, null), string.Join(' ', arguments));

    public void Apply(string manifest) => Output(_try(["apply", "-f", "-"], Encoding.UTF8.GetBytes(manifest)), "apply");

    /// <summary>Asks again until the answer is as wanted; what was answered last stands in the failure.</summary>
    public string WaitFor(string what, int seconds, Func<string, bool> isWanted, Machine machine, params string[] arguments) =>
        WaitFor(what, seconds, isWanted, machine, TimeSpan.FromSeconds(1), arguments);

    /// <summary>Likewise, with the pause between two questions.</summary>
    public string WaitFor(
        string what, int seconds, Func<string, bool> isWanted, Machine machine, TimeSpan pause, params string[] arguments)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (true)
        {
            JudgeResult result = _try(arguments, null);
            if (result.ExitCode == 0 && isWanted(result.Output))
            {
                return result.Output;
            }

            if (DateTime.UtcNow > end || !machine.IsRunning)
            {
                throw new MachineException($"{what} did not come about within {seconds} s; kubectl {string.Join(' ', arguments)}: {result.Output}{result.Error}\nConsole's tail:\n{machine.Console.Tail()}");
            }

            Thread.Sleep(pause);
        }
    }

    /// <summary>The kubeconfig of an administrator, who asks at an address.</summary>
    public static string Configuration(ClusterSeeds seeds, string address)
    {
        string file = Path.Combine(Path.GetDirectoryName(seeds.SshKey)!, $"{address}.kubeconfig");
        Judge.Run("dotnet", BakedImage.Baker, "kubeconfig", "--cluster", seeds.Cluster, "--secrets", Path.GetDirectoryName(seeds.Secrets)!,
            "--server", $"https://{address}:6443", "--out", file, "--force");
        return file;
    }

    private static string Output(JudgeResult result, string call) =>
        result.ExitCode == 0 ? result.Output : throw new MachineException($"kubectl {call}: {result.Output}{result.Error}");
}
