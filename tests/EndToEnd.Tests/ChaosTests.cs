using System.Globalization;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>
/// Births of clusters of three members under power cuts, wiped disks and other answers of DNS. IMAGES_CHAOS gives the seed
/// of the random numbers, which each run prints, so that a run can be had again as far as the machine's own time allows.
/// </summary>
public sealed class ChaosTests : IDisposable
{
    private const string Name = "etcd.demo.k8s";
    private static readonly string[] _addresses = ["10.240.0.11", "10.240.0.12", "10.240.0.13"];

    private readonly ITestOutputHelper _output;
    private readonly LabNetwork _network;
    private readonly Machine[] _machines;
    private readonly EtcdClient _client;

    public ChaosTests(ITestOutputHelper output)
    {
        string folder = BakedImage.RunFolder(nameof(ChaosTests));
        _output = output;
        _network = new LabNetwork(Path.Combine(folder, "network"));
        ClusterSeeds seeds = new(Path.Combine(folder, "cluster"));
        string seed = seeds.Role("etcd", size: 3);
        _machines = [.. _addresses.Select((address, index) => Machine.New(new MachineOptions
        {
            Name = $"etcd{index + 1}",
            Folder = folder,
            Seed = seed,
            Network = _network,
            Address = address,
            MemoryMebibytes = 1024,
        }))];
        _client = new EtcdClient(_network, seeds);
    }

    [Fact]
    public void Whatever_happens_while_three_members_are_born_exactly_one_cluster_of_three_voters_comes_of_it() => AreBornInChaos(times: 2);

    [Fact]
    [Trait("Category", "Full")]
    public void So_it_is_thirty_times() => AreBornInChaos(times: 30);

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        _network.Dispose();
    }

    private void AreBornInChaos(int times)
    {
        int seed = Environment.GetEnvironmentVariable("IMAGES_CHAOS") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        _output.WriteLine($"IMAGES_CHAOS={seed}");
        Random random = new(seed);
        for (int birth = 1; birth <= times; birth++)
        {
            BirthInChaos chaos = new(random, _machines, _network, Name, stranger: "10.240.0.14");
            _output.WriteLine($"birth {birth}: {chaos}");
            chaos.Run();
            foreach (Machine machine in _machines)
            {
                machine.WaitFor("bootstrapper: ready: etcd.service", 180);
            }

            EtcdClusterView cluster = _client.WaitForVoters(_addresses, 120);
            _output.WriteLine($"  {cluster}");
            _client.Run(_addresses, "put", "birth", $"{birth}");
            _client.Run([_addresses[^1]], "get", "--print-value-only", "birth").Trim().ShouldBe($"{birth}");
            StartAgainBlank();
        }
    }

    private void StartAgainBlank()
    {
        foreach (Machine machine in _machines)
        {
            machine.CutPower();
            machine.Wipe();
        }
    }
}
