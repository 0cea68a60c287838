using System.Text;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>Debian's kubectl on the network's side of the bridge, with a kubeconfig that <c>baker kubeconfig</c> made.</summary>
internal sealed class Kubectl
{
    private readonly LabNetwork _network;
    private readonly string _configuration;

    /// <param name="network">Where the cluster is.</param>
    /// <param name="seeds">Its secrets, of a master's seed.</param>
    /// <param name="address">Of a master.</param>
    public Kubectl(LabNetwork network, ClusterSeeds seeds, string address)
    {
        _network = network;
        _configuration = Path.Combine(Path.GetDirectoryName(seeds.SshKey)!, "admin.kubeconfig");
        Judge.Run("dotnet", BakedImage.Baker, "kubeconfig", "--cluster", seeds.Cluster, "--secrets", Path.GetDirectoryName(seeds.Secrets)!,
            "--server", $"https://{address}:6443", "--out", _configuration, "--force");
    }

    public string Run(params string[] arguments) => Output(Try(input: null, arguments), string.Join(' ', arguments));

    public void Apply(string manifest) => Output(Try(Encoding.UTF8.GetBytes(manifest), "apply", "-f", "-"), "apply");

    /// <summary>Asks again until the answer is as wanted; what was answered last stands in the failure.</summary>
    public string WaitFor(string what, int seconds, Func<string, bool> isWanted, VirtualMachine machine, params string[] arguments)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (true)
        {
            JudgeResult result = Try(input: null, arguments);
            if (result.ExitCode == 0 && isWanted(result.Output))
            {
                return result.Output;
            }

            if (DateTime.UtcNow > end || !machine.IsRunning)
            {
                throw new MachineException($"{what} did not come about within {seconds} s; kubectl {string.Join(' ', arguments)}: {result.Output}{result.Error}\nConsole's tail:\n{machine.Console.Tail()}");
            }

            Thread.Sleep(3000);
        }
    }

    private JudgeResult Try(byte[]? input, params string[] arguments) =>
        _network.Try("kubectl", ["--kubeconfig", _configuration, "--request-timeout=60s", .. arguments], input);

    private static string Output(JudgeResult result, string call) =>
        result.ExitCode == 0 ? result.Output : throw new MachineException($"kubectl {call}: {result.Output}{result.Error}");
}
