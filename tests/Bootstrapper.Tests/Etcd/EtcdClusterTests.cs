using Images.NodeConfig.Metadata;
using Images.Bootstrapper.Tests.Pki;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>Real etcd with real TLS on loopback addresses, started as our preparation says.</summary>
public sealed class EtcdClusterTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(4));
    private readonly List<EtcdTestNode> _nodes = [];

    public void Dispose()
    {
        _nodes.ForEach(node => node.Dispose());
        _limit.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Three_machines_form_one_cluster_and_a_wiped_one_comes_back_as_a_new_member_with_all_data()
    {
        List<string> dns = [];
        string network = $"127.{Random.Shared.Next(2, 250)}.{Random.Shared.Next(2, 250)}";
        string userData = UserData(3);
        for (int i = 1; i <= 3; i++)
        {
            dns.Add($"{network}.{i}");
            _nodes.Add(new EtcdTestNode(_folder[$"{i}"], dns[^1], userData, () => dns));
        }

        _nodes.ForEach(node => node.Boot());
        await Task.WhenAll(_nodes.Select(node => node.PrepareAsync(_limit.Token)));
        _nodes.ForEach(node => node.Environment["ETCD_INITIAL_CLUSTER_STATE"].ShouldBe("new"));
        _nodes.Select(node => node.Environment["ETCD_INITIAL_CLUSTER_TOKEN"]).Distinct().Count().ShouldBe(1);
        _nodes.ForEach(node => node.StartEtcd());
        await WaitAsync(() => _nodes.All(node => node.Etcdctl("endpoint", "health").ExitCode == 0));

        _nodes[0].Etcdctl("put", "greeting", "hello").ExitCode.ShouldBe(0, Story());
        _nodes[2].Etcdctl("get", "greeting", "--print-value-only").Output.Trim().ShouldBe("hello");
        _nodes[0].EtcdctlWithoutCertificate("get", "greeting").ExitCode.ShouldNotBe(0);

        string first = _nodes[0].Environment["ETCD_NAME"];
        await _nodes[0].PrepareAsync(_limit.Token); // a second boot asks nobody and keeps its name
        _nodes[0].Environment["ETCD_NAME"].ShouldBe(first);
        _nodes[0].Console.ToString().ShouldContain("etcd.service: starts with its data");

        string before = _nodes[2].Environment["ETCD_NAME"];
        _nodes[2].Wipe();
        _nodes[2].Boot();
        await _nodes[2].PrepareAsync(_limit.Token);
        _nodes[2].Environment["ETCD_INITIAL_CLUSTER_STATE"].ShouldBe("existing");
        _nodes[2].Environment["ETCD_NAME"].ShouldNotBe(before);
        _nodes[2].StartEtcd();
        await WaitAsync(() => _nodes[2].Etcdctl("get", "greeting", "--print-value-only").Output.Trim() == "hello");

        string members = _nodes[0].Etcdctl("member", "list").Output;
        members.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3, members);
        members.ShouldNotContain(before);
        members.Split(", false").Length.ShouldBe(4, members); // no learner is left
        _nodes[2].Console.ToString().ShouldContain("promoted to a full member");
    }

    private static string UserData(int size)
    {
        IEnumerable<string> Authority(string name)
        {
            ClusterAuthority authority = TestAuthority.Create(name, DateTimeOffset.UtcNow.AddHours(-1));
            return
            [
                $"    {name}:", "      - certificate: |", .. authority.Certificate.TrimEnd().Split('\n').Select(line => "          " + line),
                "        key: |", .. authority.Key!.Reveal().TrimEnd().Split('\n').Select(line => "          " + line),
            ];
        }

        return string.Join('\n',
        [
            "#cloud-config", "node:", "  cluster: demo", "  roles: [etcd]", "  etcd:", $"    size: {size}", "  pki:",
            .. Authority("etcd-peer"), .. Authority("etcd-client"), "",
        ]);
    }

    private async Task WaitAsync(Func<bool> condition)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow + _patience;
        while (!condition())
        {
            (DateTimeOffset.UtcNow < end).ShouldBeTrue(Story());
            await Task.Delay(500, _limit.Token);
        }
    }

    private string Story() => string.Join('\n', _nodes);
}
