using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Tests.Pki;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>Machines on loopback addresses of a network of their own, with the DNS that the test gives them.</summary>
internal sealed class EtcdTestCluster : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();
    private readonly Func<int, EtcdTestNode> _make;
    private readonly List<EtcdTestNode> _nodes;
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(4));
    private readonly string _network = $"127.{Random.Shared.Next(2, 250)}.{Random.Shared.Next(2, 250)}";

    public EtcdTestCluster(int size, EtcdRhythm? rhythm = null, CertificateLife? life = null, DateTimeOffset? authoritiesBegin = null)
    {
        Dns = [.. Enumerable.Range(1, size).Select(AddressOf)];
        string userData = UserData(size, authoritiesBegin ?? DateTimeOffset.UtcNow.AddHours(-1));
        _make = number => new EtcdTestNode(_folder[$"{number}"], AddressOf(number), userData, () => Dns)
        {
            Rhythm = rhythm ?? new EtcdRhythm(),
            Life = life ?? CertificateLife.Usual,
        };
        _nodes = [.. Enumerable.Range(1, size).Select(_make)];
    }

    public IReadOnlyList<EtcdTestNode> Nodes => _nodes;

    /// <summary>Another machine with the same seed, not yet booted and not in DNS.</summary>
    public EtcdTestNode Add()
    {
        _nodes.Add(_make(_nodes.Count + 1));
        return _nodes[^1];
    }

    /// <summary>What every machine's DNS answers; replaced, never changed.</summary>
    public IReadOnlyList<string> Dns { get; set; }

    public CancellationToken Limit => _limit.Token;

    public string AddressOf(int number) => $"{_network}.{number}";

    /// <summary>From blank machines to a healthy cluster.</summary>
    public async Task FormAsync()
    {
        foreach (EtcdTestNode node in Nodes)
        {
            node.Boot();
        }

        await Task.WhenAll(Nodes.Select(node => node.PrepareAsync(Limit)));
        foreach (EtcdTestNode node in Nodes)
        {
            node.StartEtcd();
        }

        await WaitHealthyAsync(Nodes);
    }

    public Task WaitHealthyAsync(params IEnumerable<EtcdTestNode> nodes) =>
        WaitAsync(() => nodes.All(node => node.Etcdctl("endpoint", "health").ExitCode == 0));

    public async Task WaitAsync(Func<bool> condition)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow + _patience;
        while (!condition())
        {
            (DateTimeOffset.UtcNow < end).ShouldBeTrue(ToString());
            await Task.Delay(300, Limit);
        }
    }

    public void Dispose()
    {
        foreach (EtcdTestNode node in Nodes)
        {
            node.Dispose();
        }

        _limit.Dispose();
        _folder.Dispose();
    }

    public override string ToString() => string.Join('\n', Nodes);

    private static string UserData(int size, DateTimeOffset authoritiesBegin)
    {
        IEnumerable<string> Authority(string name)
        {
            ClusterAuthority authority = TestAuthority.Create(name, authoritiesBegin);
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
}
