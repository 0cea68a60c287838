using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>The same user-data on every way that is not our own ISO, each by the tool that people use for it.</summary>
public sealed class SeedTests : IDisposable
{
    private readonly string _folder = BakedImage.RunFolder(nameof(SeedTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;

    public SeedTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
        _seeds.Role("etcd", size: 1);
    }

    [Fact]
    public void Cloud_localds_a_FAT_volume_and_a_URL_on_the_kernel_command_line_each_give_a_machine_its_role()
    {
        string userData = _seeds.UserData("etcd");
        string folder = _seeds.Files("served", userData, MetaData("served"));
        Judge.Run("gzip", "-n", Path.Combine(folder, "user-data"));
        File.Move(Path.Combine(folder, "user-data.gz"), Path.Combine(folder, "user-data"));
        string url = _network.ServeFiles(folder);
        using VirtualMachine disc = new(Options("disc", "10.240.0.11") with { SeedImage = _seeds.CloudLocaldsIso("disc", userData, MetaData("disc")) });
        using VirtualMachine volume = new(Options("volume", "10.240.0.12") with { SeedDisk = _seeds.FatVolume("volume", userData, MetaData("volume")) });
        using VirtualMachine served = new(Options("served", "10.240.0.13") with { ExtraCommandLine = $"ds=nocloud;s={url}" });
        _network.SetRecords("etcd.demo.k8s", [disc.Address]);
        foreach (VirtualMachine machine in new[] { disc, volume, served })
        {
            machine.Start();
        }

        ExpectRole(volume, "/dev/vdb, CIDATA");
        volume.CutPower();
        ExpectRole(served, url);
        served.CutPower();
        ExpectRole(disc, "/dev/sr0, cidata");
        disc.WaitFor("bootstrapper: ready: etcd.service", 240);
    }

    public void Dispose() => _network.Dispose();

    private VirtualMachineOptions Options(string name, string address) => new()
    {
        Name = name,
        Folder = _folder,
        Network = _network,
        Address = address,
        Processors = 1,
        MemoryMebibytes = 1024,
    };

    private static string MetaData(string host) => $"instance-id: {host}-1\nlocal-hostname: {host}\n";

    private static void ExpectRole(VirtualMachine machine, string source)
    {
        machine.WaitFor($@"bootstrapper: datasource NoCloud \({source}\) after", 300);
        machine.WaitFor($@"bootstrapper: role etcd, cluster demo\.k8s, host {machine.Name}, address {machine.Address}", 60);
    }
}
