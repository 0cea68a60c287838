using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>One machine and three images: the build's, the same with another version, and one in which a service fails.</summary>
public sealed class UpgradeTests
{
    private const string Good = "0.2.0";
    private const string Bad = "0.3.0";

    /// <summary>Seconds; twice the root, its emulated processor and a host that does other things.</summary>
    private const int Patience = 600;

    private readonly string _folder = BakedImage.RunFolder(nameof(UpgradeTests));

    [Fact]
    [Trait("Category", "Full")]
    public void A_machine_takes_a_good_image_by_ssh_and_keeps_its_data_and_comes_back_by_itself_from_one_that_is_not_well()
    {
        string good = OtherImages.Bake(_folder, Good), bad = OtherImages.BakeAiling(_folder, Bad);
        using UpgradedMachine machine = new(_folder, MachineKind.Qemu, Patience);
        machine.Begin();
        machine.Upgrade(good).ShouldContain($"the next boot tries image {Good} (node-2+3.conf, 3 tries)");
        machine.Restart();
        machine.Boot(@"this boot is counted: \\loader\\entries\\node-2\+2-1.conf");
        machine.ShouldBeKept(Good, "slot b, node-2.conf");
        machine.Upgrade(good).ShouldContain($"image {Good} runs already");

        machine.Upgrade(bad).ShouldContain($"the next boot tries image {Bad} (node-3+3.conf, 3 tries)");
        machine.Restart();
        machine.ShouldComeBackFrom(Bad, 3);
        machine.Status.ShouldContain($"image     {Good}, slot b, node-2.conf\n");
        machine.Upgrade(bad).ShouldContain("NODE0808");
    }
}
