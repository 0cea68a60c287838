using System.Text.Json;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>etcdctl on the network's side of the bridge, with a certificate of the cluster.</summary>
internal sealed class EtcdClient(LabNetwork network, ClusterSeeds seeds)
{
    private readonly (string Certificate, string Key, string Authority) _identity = seeds.EtcdClient();

    public JudgeResult Try(string[] endpoints, params string[] arguments) =>
        Call(["--endpoints", Join(endpoints), "--cacert", _identity.Authority, "--cert", _identity.Certificate, "--key", _identity.Key, .. arguments]);

    public JudgeResult TryWithoutCertificate(string[] endpoints, params string[] arguments) =>
        Call(["--endpoints", Join(endpoints), "--cacert", _identity.Authority, "--command-timeout=10s", .. arguments]);

    public string Run(string[] endpoints, params string[] arguments)
    {
        JudgeResult result = Try(endpoints, arguments);
        return result.ExitCode == 0 ? result.Output : throw new MachineException($"etcdctl {string.Join(' ', arguments)}: {result.Output}{result.Error}");
    }

    /// <summary>Members as (name, client addresses, learner), read from one endpoint; with the cluster's id.</summary>
    public (string ClusterId, string[] Members, string[] Names, int Learners) Members(string endpoint)
    {
        using JsonDocument answer = JsonDocument.Parse(Run([endpoint], "member", "list", "-w", "json"));
        JsonElement[] members = [.. answer.RootElement.GetProperty("members").EnumerateArray()];
        return (answer.RootElement.GetProperty("header").GetProperty("cluster_id").GetRawText(),
            [.. members.Select(member => member.GetProperty("ID").GetRawText()).Order(StringComparer.Ordinal)],
            [.. members.Select(member => member.TryGetProperty("name", out JsonElement name) ? name.GetString()! : "").Order(StringComparer.Ordinal)],
            members.Count(member => member.TryGetProperty("isLearner", out JsonElement learner) && learner.GetBoolean()));
    }

    private static string Join(string[] endpoints) => string.Join(',', endpoints.Select(address => $"https://{address}:2379"));

    private JudgeResult Call(string[] arguments)
    {
        string[] command = network.Enter([Judge.Find("env"), "ETCDCTL_API=3", Judge.Find("etcdctl"), .. arguments]);
        return Judge.Try(command[0], command[1..]);
    }
}
