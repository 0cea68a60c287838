using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>A machine that is an etcd cluster of its own, with what is compared across a power cut.</summary>
internal sealed class PowerCutMachine : IDisposable
{
    private const string Ready = "bootstrapper: ready: etcd.service";

    /// <summary>What every machine has on its state partition once etcd is ready.</summary>
    private static readonly string[] _facts =
    [
        "machine-id", "identity", "ssh ssh_host_ed25519_key", "certificate etcd/server.crt", "certificate etcd/peer.crt", "key etcd/server.key", "key etcd/peer.key",
        "etcd member name", "etcd configuration", "etcd log's member id", "etcd log's cluster id",
    ];

    private readonly VirtualMachine _machine;
    private readonly ClusterSeeds _seeds;
    private readonly EtcdClient _client;

    public PowerCutMachine(string folder, string name, LabNetwork network, string address)
    {
        string own = Path.Combine(folder, name);
        _seeds = new ClusterSeeds(Path.Combine(own, "cluster"), name);
        _machine = new VirtualMachine(new VirtualMachineOptions
        {
            Name = name,
            Folder = own,
            Seed = _seeds.Role("etcd", size: 1),
            Network = network,
            Address = address,
            MemoryMebibytes = 1024,
        });
        _client = new EtcdClient(network, _seeds);
        network.SetRecords($"etcd.{name}.k8s", [address]);
    }

    public void Start() => _machine.Start();

    public void StartAndWaitFor(string moment)
    {
        Start();
        _machine.WaitFor(moment, 400);
    }

    public void Put(string key, string value) => _client.Run([_machine.Address], "put", key, value).ShouldContain("OK");

    public string Get(string key) => _client.Run([_machine.Address], "get", "--print-value-only", key).Trim();

    /// <summary>Power goes; the machine boots into its role again with all that it had; returns what that was. It is off afterwards.</summary>
    public IReadOnlyCollection<string> CutAndExpectAllKept(Action? onceReadyAgain = null)
    {
        _machine.CutPower();
        StateRemains before = StateRemains.Of(_machine);
        StartAndWaitFor(Ready);
        _machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
        EtcdClusterView cluster = _client.View(_machine.Address);
        onceReadyAgain?.Invoke();
        _machine.Shutdown(_seeds.SshKey); // a second cut could meet a write of its own
        StateRemains after = StateRemains.Of(_machine);
        foreach ((string fact, string value) in before.Facts)
        {
            after.Facts.ShouldContainKeyAndValue(fact, value);
        }

        _facts.Except(after.Facts.Keys, StringComparer.Ordinal).ShouldBeEmpty();
        after.Leftovers.ShouldBeEmpty();
        cluster.Members.ShouldHaveSingleItem().Name.ShouldBe(after.Facts["etcd member name"]);
        $"{cluster.Members[0].Id}".ShouldBe(after.Facts["etcd log's member id"]);
        $"{cluster.ClusterId}".ShouldBe(after.Facts["etcd log's cluster id"]);
        return [.. before.Facts.Keys];
    }

    public void Dispose() => _machine.Dispose();
}
