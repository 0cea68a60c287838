using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Power goes at some moment of the first boot; the next boot must end in the role with nothing lost and nothing half-made.</summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly string _folder = BakedImage.RunFolder(nameof(PowerCutTests));
    private readonly LabNetwork _network;

    public PowerCutTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
    }

    [Theory]
    [InlineData("formatting", "init.*: formatting ")]
    [InlineData("role", "bootstrapper: role etcd", Traits = ["Category", "Full"])]
    public void A_cut_at_this_moment_of_the_first_boot_loses_nothing(string name, string moment)
    {
        using PowerCutMachine machine = new(_folder, name, _network, "10.240.0.11");
        machine.StartAndWaitFor(moment);
        machine.CutAndExpectAllKept();
    }

    [Fact]
    public void What_etcd_acknowledged_is_there_after_a_cut_at_once()
    {
        using PowerCutMachine machine = new(_folder, "acknowledged", _network, "10.240.0.11");
        machine.StartAndWaitFor("bootstrapper: ready: etcd.service");
        machine.Put("last", "words");
        machine.CutAndExpectAllKept(() => machine.Get("last").ShouldBe("words"));
    }

    public void Dispose() => _network.Dispose();
}
