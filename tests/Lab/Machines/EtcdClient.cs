using System.Text;
using System.Text.Json;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>etcdctl on the network's side of the bridge, with a certificate of the cluster.</summary>
internal sealed class EtcdClient(LabNetwork network, ClusterSeeds seeds)
{
    private readonly ClientIdentity _identity = seeds.Client("etcd-client");

    public JudgeResult Try(string[] endpoints, params string[] arguments) =>
        Call(["--endpoints", Join(endpoints), "--cacert", _identity.Authority, "--cert", _identity.Certificate, "--key", _identity.Key, .. arguments]);

    public JudgeResult TryWithoutCertificate(string[] endpoints, params string[] arguments) =>
        Call(["--endpoints", Join(endpoints), "--cacert", _identity.Authority, "--command-timeout=10s", .. arguments]);

    public string Run(string[] endpoints, params string[] arguments)
    {
        JudgeResult result = Try(endpoints, arguments);
        return result.ExitCode == 0 ? result.Output : throw new MachineException($"etcdctl {string.Join(' ', arguments)}: {result.Output}{result.Error}");
    }

    /// <summary>Tries again for a minute: where the leader has gone, the others elect another one first.</summary>
    public string RunOnceThereIsALeader(string[] endpoints, params string[] arguments)
    {
        DateTime end = DateTime.UtcNow.AddMinutes(1);
        while (DateTime.UtcNow < end && Try(endpoints, arguments) is var result)
        {
            if (result.ExitCode == 0)
            {
                return result.Output;
            }
        }

        return Run(endpoints, arguments);
    }

    /// <summary>The cluster as the member at this address sees it.</summary>
    public EtcdClusterView View(string address)
    {
        using JsonDocument answer = JsonDocument.Parse(Run([address], "member", "list", "-w", "json"));
        return new EtcdClusterView(
            answer.RootElement.GetProperty("header").GetProperty("cluster_id").GetUInt64(),
            [.. answer.RootElement.GetProperty("members").EnumerateArray().Select(ReadMember).OrderBy(member => member.Address, StringComparer.Ordinal)]);
    }

    /// <summary>The cluster once members with a vote are at these addresses, no others, and each of them sees the same.</summary>
    /// <exception cref="MachineException">It did not come about; what was seen last stands in the message.</exception>
    public EtcdClusterView WaitForVoters(IReadOnlyList<string> addresses, int seconds)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (true)
        {
            (EtcdClusterView? whole, string seen) = Look(addresses);
            if (whole is not null)
            {
                return whole;
            }

            if (DateTime.UtcNow > end)
            {
                throw new MachineException($"No whole cluster of {string.Join(", ", addresses)} within {seconds} s: {seen}");
            }

            Thread.Sleep(500);
        }
    }

    /// <summary>What openssl prints when it sends this to a port of the machine, with this client certificate or with none: an answer, or the reason of the refusal.</summary>
    public string Ask(string address, int port, string message, ClientIdentity? identity)
    {
        string[] shown = identity is null ? [] : ["-cert", identity.Certificate, "-key", identity.Key];
        JudgeResult result = network.Try("openssl", ["s_client", "-connect", $"{address}:{port}", "-quiet", "-ign_eof", .. shown], Encoding.ASCII.GetBytes(message));
        return result.Output + result.Error;
    }

    /// <summary>The certificate that this client shows.</summary>
    public ClientIdentity Identity => _identity;

    private (EtcdClusterView? Whole, string Seen) Look(IReadOnlyList<string> addresses)
    {
        try
        {
            Run([.. addresses], "endpoint", "health");
            EtcdClusterView[] views = [.. addresses.Select(View)];
            bool isWhole = views.All(view => view.IsSameAs(views[0])) && views[0].Members.All(member => !member.IsLearner && member.Name.Length > 0)
                && views[0].Members.Select(member => member.Address).SequenceEqual(addresses, StringComparer.Ordinal);
            return (isWhole ? views[0] : null, string.Join("; ", addresses.Zip(views, (address, view) => $"{address} sees {view}")));
        }
        catch (MachineException refused)
        {
            return (null, refused.Message);
        }
    }

    private static EtcdMemberView ReadMember(JsonElement member) => new(
        member.GetProperty("ID").GetUInt64(),
        member.TryGetProperty("name", out JsonElement name) ? name.GetString()! : "",
        new Uri(member.GetProperty("peerURLs")[0].GetString()!).Host,
        member.TryGetProperty("isLearner", out JsonElement learner) && learner.GetBoolean());

    private static string Join(string[] endpoints) => string.Join(',', endpoints.Select(address => $"https://{address}:2379"));

    private JudgeResult Call(string[] arguments) => network.Try("env", ["ETCDCTL_API=3", Judge.Find("etcdctl"), .. arguments]);
}
