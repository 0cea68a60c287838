using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Power goes at some moment of the first boot; the next boot must end in the role all the same.</summary>
public sealed class PowerCutTests : IDisposable
{
    private const string Address = "10.240.0.11";

    private readonly string _folder = BakedImage.RunFolder(nameof(PowerCutTests));
    private readonly LabNetwork _network;
    private readonly string _iso;

    public PowerCutTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _network.Serve();
        _network.SetRecords("etcd.demo.k8s", [Address]);
        _iso = new ClusterSeeds(Path.Combine(_folder, "cluster")).Role("etcd", size: 1);
    }

    [Theory]
    [InlineData("init.*: formatting ")]
    [InlineData("bootstrapper: datasource NoCloud")]
    [InlineData("bootstrapper: role etcd")]
    public void A_cut_at_this_moment_of_the_first_boot_loses_nothing(string moment)
    {
        using VirtualMachine machine = Machine("cut");
        machine.Start();
        machine.WaitFor(moment, 300);
        machine.CutPower();
        machine.Start();
        machine.WaitFor("bootstrapper: ready: etcd.service", 300);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
    }

    [Theory]
    [Trait("Category", "Full")]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(13)]
    [InlineData(17)]
    [InlineData(22)]
    [InlineData(28)]
    [InlineData(35)]
    [InlineData(43)]
    [InlineData(52)]
    [InlineData(62)]
    public void A_cut_after_so_many_seconds_of_the_first_boot_loses_nothing(int seconds)
    {
        using VirtualMachine machine = Machine($"cut{seconds}");
        machine.Start();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        machine.CutPower();
        machine.Start();
        machine.WaitFor("bootstrapper: ready: etcd.service", 300);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
    }

    public void Dispose() => _network.Dispose();

    private VirtualMachine Machine(string name) => new(new MachineOptions
    {
        Name = name,
        Folder = _folder,
        SeedImage = _iso,
        Network = _network,
        Address = Address,
    });
}
